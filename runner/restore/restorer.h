#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/base/observer.h"
#include "runner/restic/restic.h"
#include "runner/restore/journal.h"
#include "targets/model/snapshot.h"

namespace runner {

/// What to restore, and where to.
struct RestoreOrder {
  targets::Snapshot snapshot;
  std::string destination;  // an existing folder, without symbolic links
  /// Into a folder that has data: entries of the same name are replaced, none is removed.
  bool merge = false;
  std::vector<std::string> include = {};  // restic patterns; empty: everything
  bool verify = false;                    // restic reads every restored file once more
  /// Called when everything is proven and the journal says so, before the first rename.
  std::function<targets::Status()> before_move = {};
};

struct RestoreSummary {
  targets::SnapshotId snapshot;
  std::uint64_t files = 0;
  targets::Bytes bytes = 0;
  std::uint64_t other_owners = 0;  // files that could not be given to their owners
  bool finished = false;           // only the rest of an earlier restore was moved into place
};

/// Brings a snapshot's content back, all of it or nothing: into a staging folder inside of the
/// destination's own mount, compared there with what the snapshot says, made durable, and only then
/// renamed into place (docs/decisions). What it does next is written on the disk before it does it:
/// after a crash Run() starts over or finishes. Not thread-safe for one destination: the caller
/// holds the target's lock. `files` and `restic` outlive it.
class Restorer {
 public:
  /// `may_chown`: this process may give files away, so other owners than the snapshot's are errors.
  Restorer(FileSystem& files, Restic& restic, bool may_chown)
      : files_(files), restic_(restic), may_chown_(may_chown) {}

  /// What an earlier restore left in the destination; nullopt: nothing. One without a snapshot has
  /// moved nothing yet, or everything: Discard() is all that it needs.
  targets::Result<std::optional<RestoreJournal>> Unfinished(const std::string& destination);

  /// True if the destination holds nothing but what does not count as data: our staging folder and
  /// `lost+found`.
  targets::Result<bool> NothingElseIn(const std::string& destination);

  /// Finishes an earlier restore instead if its renames had begun. A failure leaves the destination
  /// as it was; only one after the renames began leaves the staging folder, so that nothing backs
  /// up half of a restore, and a later call finishes them. Cause kSourceInTheWay: something that
  /// must not be replaced is there.
  Outcome<RestoreSummary> Run(const RestoreOrder& order, const StatusHandler& on_status,
                              StopHandle& stop);

  /// Finishes a restore whose renames had begun. REQUIRES: Unfinished() says kMoving. `merge`:
  /// replaces what is in the way.
  Outcome<RestoreSummary> Finish(const std::string& destination, bool merge);

  /// Throws away what an earlier restore left. REQUIRES: Unfinished() does not say kMoving.
  targets::Status Discard(const std::string& destination);

 private:
  struct Staged {
    RestoreJournal journal;
    RestoreSummary summary;
  };
  Outcome<Staged> Stage(const RestoreOrder& order, const StagingFolder& staging,
                        const StatusHandler& on_status, StopHandle& stop);
  std::optional<Failure> CheckSpace(const RestoreOrder& order, const targets::SnapshotTree& tree,
                                    const std::string& root);
  std::optional<Failure> Compare(const RestoreOrder& order, const StagingFolder& staging,
                                 const targets::SnapshotTree& tree, RestoreSummary& summary);
  Outcome<RestoreSummary> StartOver(const RestoreOrder& order, const StatusHandler& on_status,
                                    StopHandle& stop);
  std::optional<Failure> CheckDestination(const RestoreOrder& order, const std::string& restored);
  targets::Result<std::optional<std::string>> FirstForeign(const std::string& destination);
  std::optional<Failure> CheckTypes(const std::string& from, const std::string& to);
  std::optional<Failure> MoveIntoPlace(const StagingFolder& staging, const RestoreJournal& journal);
  std::optional<Failure> MoveEntries(const std::string& from, const std::string& to, bool merge);
  std::optional<Failure> MoveEntry(const std::string& from, const std::string& to, bool merge);
  std::optional<Failure> Merge(const std::string& from, const std::string& to);

  FileSystem& files_;
  Restic& restic_;
  bool may_chown_;
};

}  // namespace runner
