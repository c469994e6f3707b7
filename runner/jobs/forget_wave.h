#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/forget_plan.h"
#include "runner/jobs/stage_run.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/repository/lock_patience.h"
#include "runner/repository/opener.h"

namespace runner {

/// Forgets the old snapshots of several targets together: one listing, one decision for each target
/// (targets/retention), as few calls of `restic forget` by full ids as possible, and one listing
/// that proves the result. Nothing to remove: no restic is started beyond that of the first
/// listing, and none at all if the wave's backups were just proven with one. Thread-safe; a second
/// wave, of this process or another one, waits until the first is done, at most kPatience. All
/// arguments outlive it.
class ForgetWave {
 public:
  /// Lists anew if the remembered listing is older than that.
  static constexpr targets::Duration kListingLasts{600};
  /// ... and lists and decides anew if it became older than that while the gate was waited for.
  static constexpr targets::Duration kDecisionLasts{60};
  static constexpr std::chrono::minutes kPatience{30};
  static constexpr std::size_t kIdsAtOnce = 1000;

  ForgetWave(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
             Listings& listings, LockCleaner& cleaner, LockPatience& patience)
      : tools_(tools),
        opener_(opener),
        gate_(gate),
        listings_(listings),
        cleaner_(cleaner),
        patience_(patience) {}

  /// One report for each target that has a retention, in the order given. kSkipped: its retention
  /// is suspended (a WARNING in its marker). REQUIRES: no backup of these targets is to follow in
  /// the caller's hands: a target whose backup runs is suspended.
  std::vector<JobReport> Run(const std::vector<const targets::Target*>& targets, StopHandle& stop);

 private:
  struct Entry {
    const targets::Target* target;
    StageRun run;
    ForgetPlan plan = {};
    std::optional<Failure> refused = {};  // its plan must not be carried out
    std::optional<JobReport> report = {};
  };
  using Entries = std::vector<Entry>;

  Entries Begin(const std::vector<const targets::Target*>& targets);
  void Work(Entries& entries, StopHandle& stop);
  void RemoveAlone(Entries& entries, Listing planned, StopHandle& stop);
  Outcome<Listing> FirstListing(const Entries& entries, StopHandle& stop);
  [[nodiscard]] bool HoldsEveryProof(const Listing& listing, const Entries& entries) const;
  bool PlanAll(Entries& entries, const Listing& listing);
  void PlanOne(Entry& entry, const Listing& listing, const ForgetRules& rules);
  std::optional<Failure> Remove(const std::vector<targets::SnapshotId>& ids, const GatePass& alone,
                                StopHandle& stop);
  static void EndAll(Entries& entries, JobOutcome outcome, const Failure& failure);
  static void EndIdle(Entries& entries);
  static void EndRemoved(Entries& entries, const std::optional<Failure>& failure,
                         const Outcome<Listing>& proof, const StopHandle& stop);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Listings& listings_;
  LockCleaner& cleaner_;
  LockPatience& patience_;
};

}  // namespace runner
