#pragma once

#include <cstdint>

#include "runner/jobs/backup_job.h"
#include "runner/repository/gate.h"
#include "runner/repository/opener.h"
#include "targets/restore/adopt.h"

namespace runner {

struct AdoptionDone {
  std::size_t adopted = 0;
  /// Of the target's own backups; above 0: an empty source is never restored without being asked.
  std::uint64_t snapshots_seen = 0;
};

/// Makes the snapshots of somebody else, of the container that this program replaced, a target's:
/// a restore finds them from then on. Only tags are added; retention leaves adopted ones alone.
/// Both arguments outlive it.
class Adoption {
 public:
  Adoption(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate)
      : tools_(tools), opener_(opener), gate_(gate) {}

  /// What could be adopted. Asks the repository and changes nothing in it.
  Outcome<targets::Adoptable> Find(const targets::AdoptQuestion& question, StopHandle& stop);

  /// Adopts all of that, has the repository to itself meanwhile, and looks whether it came to be. A
  /// new target that was found empty may then be restored by itself. Snapshots of more than one
  /// path are refused. Takes the target's lock.
  Outcome<AdoptionDone> Adopt(const targets::AdoptQuestion& question, StopHandle& stop);

 private:
  Outcome<std::size_t> Tag(const targets::AdoptQuestion& question, StopHandle& stop);
  Outcome<std::uint64_t> AllowRestore(const targets::TargetId& target);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
};

/// Why these cannot become one target; empty: they can.
std::string ObjectionToAdoption(const targets::Adoptable& found,
                                const targets::AdoptQuestion& question);

}  // namespace runner
