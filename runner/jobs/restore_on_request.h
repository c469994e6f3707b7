#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/jobs/restore_if_empty.h"

namespace runner {

/// What a person asked for with `runner restore`.
struct RestoreWish {
  std::string snapshot;  // the beginning of an id; empty or "latest": the newest good
  std::optional<targets::UnixTime> at;  // the newest good one that is not younger
  std::string to;                       // an absolute path; empty: the source
  std::vector<std::string> include;     // restic patterns; empty: everything
  bool force = false;                   // into a folder that has data
  bool dry_run = false;                 // say what would happen
  bool verify = false;                  // read every restored file once more
};

/// Restores because a person wants it: any snapshot of the target (or of anybody, by its id), to
/// its source or elsewhere. Data that is there stays: without `force` the folder must be empty, and
/// with it only files of the same name are replaced. All arguments outlive it.
class RestoreOnRequest {
 public:
  RestoreOnRequest(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
                   Restorer& restorer)
      : tools_(tools), opener_(opener), gate_(gate), restorer_(restorer) {}

  /// Into the source: takes the target's lock and writes the marker of the restore stage.
  JobReport Run(const targets::Target& target, const RestoreWish& wish, StopHandle& stop);

 private:
  struct Destination {
    std::string path;
    bool is_source = false;
  };
  struct Prepared {
    Destination destination;
    targets::Snapshot snapshot;
  };
  Outcome<Destination> FindDestination(const targets::Target& target, const RestoreWish& wish);
  Outcome<std::string> SourceFolder(const targets::Target& target);
  Outcome<std::string> OtherFolder(const std::string& path, bool create);
  Outcome<targets::Snapshot> Choose(const targets::Target& target, const RestoreWish& wish,
                                    StopHandle& stop);
  Outcome<targets::Snapshot> ChooseOfAll(const std::string& prefix, StopHandle& stop);
  std::optional<Failure> CheckRoom(const Destination& destination, const RestoreWish& wish);
  Outcome<Prepared> Prepare(const targets::Target& target, const RestoreWish& wish,
                            StopHandle& stop);
  Outcome<std::string> Restore(StageRun& run, const targets::Target& target,
                               const Prepared& prepared, const RestoreWish& wish, StopHandle& stop);
  Outcome<std::string> Describe(const Prepared& prepared, const RestoreWish& wish,
                                StopHandle& stop);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Restorer& restorer_;
};

}  // namespace runner
