#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/time.h"
#include "targets/model/snapshot.h"
#include "targets/model/target.h"

namespace targets {

/// What is known when a target's source was found empty and the repository answered.
struct EmptySource {
  const Target& target;
  const std::vector<Snapshot>& snapshots;  // of its identity, by a listing that can be trusted
  std::uint64_t snapshots_seen = 0;        // good ones that this installation ever proved
  bool restored_before = false;            // this installation restored it once
  bool known_new = false;                  // it was empty and proven to have no snapshot before
  UnixTime now{};
};

/// What follows from it.
struct EmptySourceDecision {
  enum class Kind {
    kRestore,    // `snapshot`, a member of EmptySource::snapshots
    kNewTarget,  // never backed up: nothing to do
    kBlocked,    // a person has to decide; nothing may be backed up until then
    kFailed,     // `on_missing: fail`
  };
  Kind kind = Kind::kBlocked;
  const Snapshot* snapshot = nullptr;
  std::string reason;
  std::string hint;
};

/// Restores by itself only what this installation never had: after a successful backup or restore
/// an empty source is somebody's deed or damage, and a person decides (`runner restore`). Pure.
EmptySourceDecision DecideEmptySource(const EmptySource& source);

}  // namespace targets
