#pragma once

#include <string>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/report.h"
#include "runner/repository/gate.h"
#include "runner/repository/opener.h"

namespace runner {

/// The drill stage of a target: proves that its newest good snapshot can be restored. Restores some
/// files of it, or everything, into a scratch folder, compares them with what the snapshot says of
/// them, and with the live files that did not change since, and lets the user's program judge
/// them. Success: all of that was seen. No snapshot: skipped, since nothing was proven. Nothing of
/// it stays in the scratch folder; what a crash left there is removed at the next start. A target
/// without a drill in the configuration is drilled with the defaults. Thread-safe. All arguments
/// outlive it.
class RestoreDrill {
 public:
  /// `may_chown`: this process may give files away, so other owners than the snapshot's are
  /// differences.
  RestoreDrill(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
               bool may_chown)
      : tools_(tools), opener_(opener), gate_(gate), may_chown_(may_chown) {}

  /// Takes the target's lock meanwhile; while another run has it: blocked.
  JobReport Run(const targets::Target& target, StopHandle& stop);

 private:
  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  bool may_chown_;
};

/// The scratch folder of a target's drills, below the state folder. Absent between them.
std::string DrillFolder(const StateFolder& state, const targets::TargetId& target);

/// What has to stay free of the file system with the state folder: a full one stops every job.
targets::Bytes DrillReserve(const SpaceInfo& space);

}  // namespace runner
