#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/doctor/input.h"

namespace runner {

enum class DoctorLevel { kOk, kNote, kWarning, kError };
enum class DoctorArea {
  kConfiguration,
  kPrivileges,
  kState,
  kCache,
  kTemporary,
  kRestic,
  kClock,
  kSecret,
  kSource,
  kProgram,
  kStorage,
  kDaemon,
};

/// "ok", "note", "warning", "error".
std::string_view DoctorLevelName(DoctorLevel level);
/// "configuration", "privileges", ...
std::string_view DoctorAreaName(DoctorArea area);

struct DoctorFinding {
  DoctorLevel level = DoctorLevel::kOk;
  DoctorArea area = DoctorArea::kConfiguration;
  std::string message;
  std::string remedy = {};  // what to do; never empty where something is to be done

  bool operator==(const DoctorFinding&) const = default;
};

struct DoctorReport {
  targets::UnixTime time{};
  std::vector<DoctorFinding> findings = {};  // by area
  bool ready = true;                         // no error
  std::string verdict = {};
};

/// Judges. Pure.
DoctorReport Diagnose(const DoctorInput& input);

}  // namespace runner
