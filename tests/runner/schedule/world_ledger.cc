// What the world itself knows about due times, retries and forgets.
#include <array>

#include "tests/runner/schedule/world.h"

namespace runner::testing {

using targets::Duration;
using targets::Stage;
using targets::UnixTime;

namespace {

constexpr std::array<int, 4> kBackoffMinutes = {1, 5, 15, 60};

}  // namespace

bool World::OwesForget(const targets::TargetId& id) const {
  const auto backup = jobs_.find(JobKey{id, Stage::kBackup});
  return backup != jobs_.end() && backup->second.forget_after;
}

/// The program starts anew: from now on only the disk counts.
void World::LearnFromDisk() {
  ledgers_.clear();
  for (const auto& [key, spec] : jobs_) ChangeLedger(key, nullptr, spec);
  ledgers_[kForgetKey];
  for (auto& [key, ledger] : ledgers_) {
    const auto record = disk_.find(key);
    if (record == disk_.end()) continue;
    const JobRecord& known = record->second;
    ledger.recorded = ledger.settled = known.settled_due.value_or(Now());
    ledger.failures = known.retries;
    ledger.retry = known.retry_at;
    FitToClock(key, ledger);
    if (!known.running) continue;
    ledger.interrupted = known.retries == 0;
    if (known.retries > 0) ledger.at_start = false;
    FailureEnded(key);
    if (ledger.interrupted) {
      ledger.retry.reset();
      ledger.failures = 1;
    }
  }
}

void World::ChangeLedger(const JobKey& key, const JobSpec* before, const JobSpec& after) {
  const UnixTime now = Now();
  if (before == nullptr) {
    Ledger ledger;
    ledger.recorded = ledger.settled = now;
    ledger.at_start = after.at_start;
    FindNext(key, ledgers_[key] = ledger);
    return;
  }
  Ledger& ledger = ledgers_.at(key);
  const auto& old = before->recurrence;
  const auto& fresh = after.recurrence;
  const bool changed = old.Previous(now) != fresh.Previous(now) || old.Next(now) != fresh.Next(now);
  const bool missed = ledger.next && *ledger.next <= now;
  ledger.carried_over = ledger.carried_over || (missed && ledger.pending);
  const auto newest = fresh.Previous(now);
  if (changed && !missed && newest && *newest > ledger.settled) {
    ledger.recorded = ledger.settled = *newest;
  }
  FindNext(key, ledger);
}

void World::FindNext(const JobKey& key, Ledger& ledger) {
  const auto spec = jobs_.find(key);
  ledger.next = spec == jobs_.end() ? std::nullopt : spec->second.recurrence.Next(ledger.settled);
}

void World::FitToClock(const JobKey& key, Ledger& ledger) {
  const UnixTime now = Now();
  const auto spec = jobs_.find(key);
  const auto period = spec == jobs_.end() ? std::nullopt : spec->second.recurrence.Period(now);
  const UnixTime latest = now + period.value_or(Duration{86'400});
  if (ledger.recorded <= latest) {
    ledger.settled = ledger.recorded;
  } else if (ledger.settled > latest) {
    ledger.settled = now;
  }
  if (ledger.retry && *ledger.retry - now > Scheduler::kLongestRetry) ledger.retry = now;
  FindNext(key, ledger);
}

void World::SettleForStart(const StartJob& start) {
  Ledger& ledger = ledgers_.at(start.key);
  bool new_slot = start.reason != StartReason::kRetry && start.reason != StartReason::kInterrupted;
  if (ledger.next && *ledger.next <= Now()) {
    ledger.recorded = ledger.settled = *jobs_.at(start.key).recurrence.Previous(Now());
    FindNext(start.key, ledger);
    new_slot = true;
  }
  if (new_slot) ledger.failures = 0;
  ledger.retry.reset();
  ledger.at_start = ledger.interrupted = ledger.requested = ledger.pending = false;
  ledger.carried_over = false;
}

void World::RunEnded(const JobKey& key, const Run& run) {
  const auto ledger = ledgers_.find(key);
  if (ledger == ledgers_.end()) return;  // removed from the configuration
  if (run.end == JobEnd::kFailure) return FailureEnded(key);
  ledger->second.failures = 0;
  if (key == kForgetKey) {
    for (const auto& id : run.targets) owed_.erase(id);
  }
  if (key.stage == Stage::kBackup && run.end == JobEnd::kSuccess && OwesForget(key.target)) {
    owed_.insert(key.target);
  }
}

void World::FailureEnded(const JobKey& key) {
  Ledger& ledger = ledgers_.at(key);
  ledger.retry.reset();
  const auto tries = static_cast<std::size_t>(ledger.failures);
  if (tries >= kBackoffMinutes.size()) return;
  const UnixTime at = Now() + Duration{60 * kBackoffMinutes.at(tries)};
  const UnixTime from = std::max(Now(), ledger.settled);
  const auto spec = jobs_.find(key);
  const auto next = spec == jobs_.end() ? std::nullopt : spec->second.recurrence.Next(from);
  if (next && at >= *next) return;
  ++ledger.failures;
  ledger.retry = at;
}

}  // namespace runner::testing
