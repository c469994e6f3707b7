#pragma once

#include <map>
#include <optional>
#include <string>

#include "runner/state/facts.h"
#include "targets/model/config.h"
#include "targets/schedule/zone.h"

namespace runner {

struct RecoverySheetInput {
  const targets::Config& config;
  std::string configuration_file = {};             // empty: there is none
  std::optional<std::string> repository_id = {};   // nullopt: no repository was ever used
  std::map<targets::TargetId, TargetFacts> facts;  // of the targets that have any
  targets::Zone zone = {};
  targets::UnixTime now{};
  std::string version;  // of this program
};

/// A page for the safe: what somebody needs who has lost this machine, and the commands that bring
/// each target back with restic alone. Text of at most 80 columns apart from its commands, which
/// are indented by four spaces and run in bash in the order of the page. It says where each secret
/// comes from and holds none. Pure.
std::string RecoverySheet(const RecoverySheetInput& input);

}  // namespace runner
