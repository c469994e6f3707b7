#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/source_state.h"
#include "targets/retention/decide.h"

namespace targets {

/// What the repository said about the newest good snapshot of a target.
struct NotAsked {
  bool operator==(const NotAsked&) const = default;
};
struct SnapshotFound {
  SnapshotId id;
  UnixTime time{};
  bool operator==(const SnapshotFound&) const = default;
};
struct ProvenNone {
  bool operator==(const ProvenNone&) const = default;
};
struct AnswerUnknown {
  std::string reason;  // one line
  bool operator==(const AnswerUnknown&) const = default;
};
using RepositoryAnswer = std::variant<NotAsked, SnapshotFound, ProvenNone, AnswerUnknown>;

/// What the machine and the repository say about one target at the moment of the plan.
struct TargetFacts {
  SourceState state = SourceState::kNotChecked;
  std::string state_detail;                    // one sentence, may be empty
  std::optional<UnixTime> last_success;        // of the backup stage
  std::optional<std::size_t> snapshots;        // good ones that are known
  std::optional<RetentionDecision> retention;  // what a forget would do now
  std::map<SnapshotId, UnixTime> taken;        // when those of `retention` were made
  RepositoryAnswer newest;                     // what a restore check would find now

  bool operator==(const TargetFacts&) const = default;
};

}  // namespace targets
