#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>

#include "runner/schedule/job.h"

namespace runner {

/// The jobs that wait for their turn and those that run, and who may start beside whom. Pure; not
/// thread-safe. Start, push and end cost O(log n) in the number of waiting jobs.
/// - Shared jobs (restore, backup, drill, probe) run side by side, at most `max_parallel` of them;
///   exclusive ones (forget, prune, check) run alone.
/// - The earliest turn starts first; of one instant in the order of the stages. What may not start
///   yet lets others past.
/// - A target has one run at a time. A waiting restore goes before all else of its target, and
///   inherits the earlier turn of what it holds up.
/// - An exclusive job lets shared ones past while it waits for running ones, but only for
///   kPatience: then it lets nobody past, so that it does not starve. Unless something has been
///   running for kLongRun: that may go on for days, and the others need not wait for it.
class RunQueue {
 public:
  static constexpr targets::Duration kPatience{6 * 3600};
  static constexpr targets::Duration kLongRun{6 * 3600};

  /// Fewer than one is taken as one.
  explicit RunQueue(int max_parallel) { SetMaxParallel(max_parallel); }
  void SetMaxParallel(int max_parallel) { max_parallel_ = max_parallel < 1 ? 1 : max_parallel; }

  /// Adds it, or moves it to an earlier turn; a later one changes nothing.
  void Push(const JobKey& key, targets::UnixTime turn);
  void Remove(const JobKey& key);
  [[nodiscard]] bool Contains(const JobKey& key) const { return turns_.contains(key); }

  /// The next job that may start; it runs from now on. nullopt: none may.
  std::optional<JobKey> StartNext(targets::UnixTime now);
  /// The run only waits for something that needs no process (a backup for its proof): it does not
  /// count for max_parallel any more. Its target stays busy, and exclusive jobs wait for its end.
  void Yield(const JobKey& key);
  /// REQUIRES: StartNext gave it.
  void End(const JobKey& key);
  [[nodiscard]] bool AnythingRuns() const { return exclusive_runs_ || !shared_runs_.empty(); }

  /// When StartNext must be asked again although nothing was pushed or ended since it last said
  /// "none"; nullopt: never.
  [[nodiscard]] std::optional<targets::UnixTime> hold_ends() const { return hold_ends_; }

  /// The clock was set: turns and starts that are yet to come become now.
  void ClockSetTo(targets::UnixTime now);

 private:
  struct Place {
    targets::UnixTime turn{};
    targets::Stage stage{};
    targets::TargetId target;
    auto operator<=>(const Place&) const = default;
  };
  enum class Answer { kStart, kLetPast, kLetNobodyPast, kNothingMayStart };

  [[nodiscard]] Answer Ask(const Place& place, targets::UnixTime now) const;
  [[nodiscard]] targets::UnixTime OldestSharedStart() const;
  void Insert(const JobKey& key, targets::UnixTime turn);

  int max_parallel_ = 1;
  std::set<Place> places_;
  std::map<JobKey, targets::UnixTime> turns_;        // of those in places_
  std::map<JobKey, targets::UnixTime> shared_runs_;  // and when they started
  std::set<JobKey> yielded_;                         // of those in shared_runs_
  std::set<targets::TargetId> busy_;
  bool exclusive_runs_ = false;
  std::optional<targets::UnixTime> hold_ends_;
};

}  // namespace runner
