#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "targets/base/strong_id.h"
#include "targets/model/snapshot.h"

namespace targets {

/// The tag of a snapshot that somebody else made and that `runner adopt` gave to this installation:
/// "adopted:<instance>". Its host stays what it was: not every supported restic can change that.
std::string AdoptedTag(const InstanceName& instance);

/// The two tags of an adoption in the form in which restic takes several at once: a snapshot never
/// has only one of them.
std::string AdoptionTags(const TargetId& target, const InstanceName& instance);

/// True if a restore of the target may take it: it bears the target's identity, or was adopted.
bool MayRestore(const Snapshot& snapshot, const TargetId& target, const InstanceName& instance);

/// Whose snapshots shall become those of `target`.
struct AdoptQuestion {
  TargetId target;
  InstanceName instance;
  std::string host;
  std::string path;  // exactly this one was backed up; empty: whatever it was

  bool operator==(const AdoptQuestion&) const = default;
};

struct Adoptable {
  std::vector<Snapshot> snapshots;   // oldest first
  std::size_t already = 0;           // match too, and are the target's already
  std::size_t of_other_targets = 0;  // match too, and bear the tag of another target
  std::vector<std::string> paths;    // of `snapshots`: what was backed up, each once, sorted
};

/// Picks from a listing of the whole repository. Pure. More than one entry in `paths`: the data of
/// several things would become one target, which somebody has to decide by naming a path.
Adoptable FindAdoptable(const std::vector<Snapshot>& listing, const AdoptQuestion& question);

}  // namespace targets
