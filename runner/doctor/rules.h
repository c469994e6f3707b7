#pragma once

#include <string>
#include <vector>

#include "runner/doctor/report.h"

namespace runner {

/// What each group of rules adds to. Pure, as all of them.
class DoctorFindings {
 public:
  void Ok(DoctorArea area, std::string message) {
    findings_.push_back({DoctorLevel::kOk, area, std::move(message), {}});
  }
  void Note(DoctorArea area, std::string message, std::string remedy) {
    findings_.push_back({DoctorLevel::kNote, area, std::move(message), std::move(remedy)});
  }
  void Warn(DoctorArea area, std::string message, std::string remedy) {
    findings_.push_back({DoctorLevel::kWarning, area, std::move(message), std::move(remedy)});
  }
  void Error(DoctorArea area, std::string message, std::string remedy) {
    findings_.push_back({DoctorLevel::kError, area, std::move(message), std::move(remedy)});
  }

  std::vector<DoctorFinding> Take() { return std::move(findings_); }

 private:
  std::vector<DoctorFinding> findings_;
};

/// The folders that the program writes.
void JudgeFolders(const DoctorInput& input, DoctorFindings& findings);
/// The sources, and whether a restore has room there.
void JudgeSources(const DoctorInput& input, DoctorFindings& findings);
/// restic, the programs and the secrets that the configuration names.
void JudgePrograms(const DoctorInput& input, DoctorFindings& findings);
/// The provider of the storage, as far as it was asked.
void JudgeStorage(const DoctorInput& input, DoctorFindings& findings);

}  // namespace runner
