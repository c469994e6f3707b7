#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

enum class HealthLevel { kInfo, kWarning, kUnhealthy };

/// "info", "warning", "unhealthy".
std::string_view HealthLevelName(HealthLevel level);

/// Why something is unhealthy, or worth knowing although it is healthy.
struct Finding {
  HealthLevel level = HealthLevel::kInfo;
  std::string code;  // stable, for programs: "failed", "overdue", ...; all of them in
                     // docs/formats/health.md
  std::optional<targets::Stage> stage = {};
  std::string message = {};  // one line, free of secrets

  bool operator==(const Finding&) const = default;
};

/// The verdict about a target, the repository, the daemon or the state folder.
struct SubjectHealth {
  std::string name;
  std::vector<Finding> findings = {};  // unhealthy ones first
  std::optional<targets::UnixTime> last_success = {};
  std::optional<targets::Stage> running = {};  // the stage that is at work

  bool operator==(const SubjectHealth&) const = default;

  [[nodiscard]] HealthLevel Level() const;
  [[nodiscard]] bool Healthy() const { return Level() != HealthLevel::kUnhealthy; }
};

struct HealthReport {
  targets::UnixTime time{};
  std::vector<SubjectHealth> targets = {};  // in the order of the configuration
  std::vector<SubjectHealth> others =
      {};  // "daemon", "repository", "state": those that were looked at

  bool operator==(const HealthReport&) const = default;

  [[nodiscard]] bool Healthy() const;
};

}  // namespace runner
