// What must hold in the simulated world after every event.
#include "tests/runner/schedule/story.h"
#include "tests/runner/schedule/world.h"

namespace runner::testing {

using targets::Duration;
using targets::Stage;
using targets::UnixTime;

namespace {

/// Nobody waits longer than this for its turn.
constexpr Duration kStarvation = kDay * 5;
constexpr std::size_t kHistory = 60;

}  // namespace

void World::CheckStart(const StartJob& start, const SchedulerActions& actions) {
  const JobKey& key = start.key;
  if (running_.contains(key)) Violation(Name(key) + " runs already");
  int shared = 0;
  for (const auto& [other, run] : running_) {
    if (IsExclusive(other.stage) || IsExclusive(key.stage)) {
      Violation(Name(key) + " beside " + Name(other));
    }
    if (!key.target.empty() && other.target == key.target) {
      Violation(Name(key) + " and " + Name(other) + " of one target");
    }
    if (!run.yielded) ++shared;
  }
  if (!IsExclusive(key.stage) && shared >= max_parallel_) Violation("too many in parallel");
  if (key != kForgetKey && !jobs_.contains(key)) return Violation(Name(key) + " is not configured");
  const auto restore = ledgers_.find(JobKey{key.target, Stage::kRestore});
  if (key.stage == Stage::kBackup && restore != ledgers_.end()) {
    const auto view = scheduler_.View(restore->first);
    if (view && view->pending) Violation(Name(key) + " before its restore check");
  }
  const auto record = actions.records.find(key);
  if (record == actions.records.end() || !record->second.running ||
      record->second.last_attempt != Now()) {
    Violation(Name(key) + " starts without a record of it");
  } else if (const Ledger& ledger = ledgers_.at(key);
             ledger.next && *ledger.next <= Now() && record->second.settled_due < ledger.next) {
    Violation(Name(key) + " starts and its occurrence is not recorded");
  }
  CheckReason(start);
  if (key == kForgetKey) CheckForget(start);
}

/// Each occurrence is the reason for one run; a retry, an interruption, a request for one more.
void World::CheckReason(const StartJob& start) {
  const Ledger& ledger = ledgers_.at(start.key);
  const auto due = [this](const std::optional<UnixTime>& time) { return time && *time <= Now(); };
  bool good = false;
  switch (start.reason) {
    case StartReason::kCatchUp:
      if (jobs_.at(start.key).catch_up == targets::CatchUp::kSkip && !ledger.carried_over) break;
      [[fallthrough]];
    case StartReason::kScheduled:
      good = due(ledger.next) || ledger.carried_over;
      break;
    case StartReason::kRetry:
      good = due(ledger.retry);
      break;
    case StartReason::kDaemonStart:
      good = ledger.at_start;
      break;
    case StartReason::kInterrupted:
      good = ledger.interrupted;
      break;
    case StartReason::kRequested:
      good = ledger.requested;
      break;
    case StartReason::kAfterBackup:
      good = start.key == kForgetKey;
      break;
  }
  if (!good) {
    Violation(Name(start.key) + " has no reason to run, but was started: " +
              std::string(StartReasonName(start.reason)));
  }
}

void World::CheckForget(const StartJob& start) {
  if (start.targets.empty()) Violation("a forget for nobody");
  if (weather_.clock_jumps) return;  // then last successes cannot be compared
  const std::set<targets::TargetId> targets(start.targets.begin(), start.targets.end());
  for (const auto& id : owed_) {
    if (!targets.contains(id)) Violation("a forget without " + id.str());
  }
  for (const auto& id : targets) {
    if (!owed_.contains(id) && !left_once_.contains(id)) Violation("a needless forget " + id.str());
  }
}

void World::CheckAfterEvent(const SchedulerActions& actions, bool timer) {
  if (actions.stopped) Violation("stopped without being asked");
  const int pending_before = pending_;
  pending_ = 0;
  for (auto& [key, ledger] : ledgers_) CheckJob(key, ledger);
  if (timer && actions.start.empty() && actions.records.empty() && pending_ <= pending_before) {
    Violation("woke up for nothing");
  }
  CheckWake(actions);
}

void World::CheckJob(const JobKey& key, Ledger& ledger) {
  const auto view = scheduler_.View(key);
  if (!view) return Violation(Name(key) + " is unknown to the scheduler");
  const UnixTime now = Now();
  if (key != kForgetKey && !disk_[key].settled_due) Violation(Name(key) + " is not on the disk");
  if (view->pending) {
    ++pending_;
    if (!ledger.pending) ledger.waiting_since = truth_;
    if (truth_ - ledger.waiting_since > kStarvation) Violation(Name(key) + " starves");
  }
  ledger.pending = view->pending;
  ledger.carried_over = ledger.carried_over && view->pending;
  if (view->record.running != running_.contains(key)) Violation(Name(key) + " runs, or not?");
  if (view->pending || running_.contains(key)) return;
  if (ledger.next && *ledger.next <= now) {
    const JobSpec& spec = jobs_.at(key);
    const UnixTime newest = *spec.recurrence.Previous(now);
    if (spec.catch_up == targets::CatchUp::kSkip && now - newest > Scheduler::kLate) {
      ledger.recorded = ledger.settled = newest;
      FindNext(key, ledger);
      if (ledger.retry && *ledger.retry <= now) ledger.retry.reset();
    } else {
      Violation(Name(key) + " was due at " + Show(ledger.next) + " and is lost");
    }
  }
  const bool nothing_to_forget = key == kForgetKey && (owed_.empty() || weather_.clock_jumps);
  if (nothing_to_forget) return;
  if (ledger.retry && *ledger.retry <= now) Violation("the retry of " + Name(key) + " is lost");
  if (ledger.interrupted || ledger.at_start || ledger.requested) {
    Violation(Name(key) + " should run now, and does not even wait");
  }
  if (key == kForgetKey && !ledger.retry && ledger.failures < 4) Violation("a forget is lost");
}

void World::CheckWake(const SchedulerActions& actions) {
  if (actions.wake_at && *actions.wake_at <= Now()) Violation("asked to wake in the past");
  for (const auto& [key, ledger] : ledgers_) {
    if (ledger.pending || running_.contains(key)) continue;
    if (key == kForgetKey && (owed_.empty() || weather_.clock_jumps)) continue;
    for (const auto& time : {ledger.next, ledger.retry}) {
      if (time && (!actions.wake_at || *actions.wake_at > *time)) {
        Violation("sleeps over " + Name(key) + " at " + Show(time));
      }
    }
  }
}

void World::Violation(const std::string& text) {
  if (!violation_.empty()) return;
  violation_ = text + ", at " + Show(Now()) + " (seed " + std::to_string(weather_.seed) +
               "). The last events:\n";
  for (const std::string& line : history_) violation_ += line + "\n";
}

void World::Remember(const std::string& text) {
  history_.push_back(Show(Now()) + "  " + text);
  if (history_.size() > kHistory) history_.pop_front();
}

}  // namespace runner::testing
