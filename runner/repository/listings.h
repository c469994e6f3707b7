#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "targets/model/snapshot.h"

namespace runner {

/// What the repository held at one moment.
struct Listing {
  std::vector<targets::Snapshot> snapshots;
  targets::UnixTime began{};  // what was made later may be missing in it
  /// Set: it proves what it holds, but nothing may be removed because of what it lacks.
  std::optional<Failure> doubt = {};
};

/// Lists the snapshots of the repository, remembers the last good listing of this instance, and
/// compares each with the number that the facts remember. A listing that is empty although there
/// were some, or holds less than half of them, is doubtful: restic prints an incomplete list with
/// exit code 0 when a storage forgets its files. A doubtful listing changes no fact. Thread-safe;
/// who asks while another lists waits for that listing. `restic`, `facts` and `clock` outlive it.
class Listings {
 public:
  /// The ids of everybody's snapshots by the names of their files, asked of the storage itself.
  using FileNames = std::function<Outcome<std::set<targets::SnapshotId>>(StopHandle&)>;

  /// `file_names` may be empty: this storage is restic's alone.
  Listings(Restic& restic, const FactStore& facts, const Clock& clock, FileNames file_names = {})
      : restic_(restic), facts_(facts), clock_(clock), file_names_(std::move(file_names)) {}

  /// The snapshots of this instance: the remembered listing if it began less than `max_age` ago,
  /// else a new one.
  Outcome<Listing> Get(targets::Duration max_age, StopHandle& stop);
  /// A new listing of this instance; one failure is tried again.
  Outcome<Listing> Take(StopHandle& stop);
  /// After `gone` were removed: `before` without them, if the storage itself has the files of all
  /// others and none of theirs, which spares a restic; else a new listing, which tells more.
  Outcome<Listing> TakeAfterRemoval(const Listing& before,
                                    const std::set<targets::SnapshotId>& gone, StopHandle& stop);
  /// A new listing of everybody's snapshots, likewise.
  Outcome<Listing> TakeAll(StopHandle& stop);

  /// The remembered listing, whatever its age; nullopt: none is, or one is being taken. Waits for
  /// nobody.
  std::optional<Listing> Last();

  /// Lowers the remembered numbers before so many snapshots of this instance are removed on
  /// purpose. If they are not removed after all, the next listing corrects that.
  targets::Status AboutToRemove(std::uint64_t count);

  struct Accepted {
    std::uint64_t of_instance = 0;
    std::uint64_t of_all = 0;
  };
  /// A person says that what is there now is all that there should be: lists both and remembers the
  /// numbers, whatever they were.
  Outcome<Accepted> Accept(StopHandle& stop);

 private:
  struct Remembered {
    Listing listing;
    MonotonicTime began{};
  };
  [[nodiscard]] bool YoungerThan(const Remembered& remembered, targets::Duration max_age) const;
  Outcome<Listing> TakeLocked(StopHandle& stop);
  std::optional<Listing> WithoutRemoved(const Listing& before,
                                        const std::set<targets::SnapshotId>& gone,
                                        StopHandle& stop) const;
  void Compare(Listing& listing);
  void CompareAll(Listing& listing);

  Restic& restic_;
  const FactStore& facts_;
  const Clock& clock_;
  const FileNames file_names_;
  std::mutex mutex_;
  std::optional<Remembered> last_;
};

/// Why a listing of `listed` snapshots is not fit for removals where `remembered` were known;
/// nullopt: it is. `whose` completes "snapshots of ...".
std::optional<Failure> DoubtAbout(std::uint64_t listed, std::uint64_t remembered,
                                  const std::string& whose);

}  // namespace runner
