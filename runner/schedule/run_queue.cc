#include "runner/schedule/run_queue.h"

#include <algorithm>
#include <array>
#include <vector>

namespace runner {

using targets::Stage;
using targets::UnixTime;

void RunQueue::Push(const JobKey& key, UnixTime turn) {
  if (!key.target.empty()) {
    const JobKey restore{key.target, Stage::kRestore};
    if (key == restore) {
      for (const Stage stage : {Stage::kBackup, Stage::kDrill}) {
        const auto held_up = turns_.find(JobKey{key.target, stage});
        if (held_up != turns_.end()) turn = std::min(turn, held_up->second);
      }
    } else if (Contains(restore)) {
      Insert(restore, turn);
    }
  }
  Insert(key, turn);
}

void RunQueue::Insert(const JobKey& key, UnixTime turn) {
  const auto found = turns_.find(key);
  if (found != turns_.end()) {
    if (found->second <= turn) return;
    Remove(key);
  }
  turns_.emplace(key, turn);
  places_.insert(Place{turn, key.stage, key.target});
}

void RunQueue::Remove(const JobKey& key) {
  const auto found = turns_.find(key);
  if (found == turns_.end()) return;
  places_.erase(Place{found->second, key.stage, key.target});
  turns_.erase(found);
}

UnixTime RunQueue::OldestSharedStart() const {
  const auto oldest =
      std::ranges::min_element(shared_runs_, {}, [](const auto& run) { return run.second; });
  return oldest->second;
}

RunQueue::Answer RunQueue::Ask(const Place& place, UnixTime now) const {
  if (exclusive_runs_) return Answer::kNothingMayStart;
  if (IsExclusive(place.stage)) {
    if (shared_runs_.empty()) return Answer::kStart;
    const bool patient = now - place.turn < kPatience;
    return patient || now - OldestSharedStart() >= kLongRun ? Answer::kLetPast
                                                            : Answer::kLetNobodyPast;
  }
  if (shared_runs_.size() - yielded_.size() >= static_cast<std::size_t>(max_parallel_)) {
    return Answer::kNothingMayStart;
  }
  return busy_.contains(place.target) ? Answer::kLetPast : Answer::kStart;
}

std::optional<JobKey> RunQueue::StartNext(UnixTime now) {
  hold_ends_.reset();
  bool held = false;
  for (const Place& place : places_) {
    const Answer answer = Ask(place, now);
    if (answer == Answer::kNothingMayStart) return std::nullopt;
    if (answer == Answer::kLetNobodyPast) held = true;
    if (answer != Answer::kStart) continue;
    if (held) {
      hold_ends_ = OldestSharedStart() + kLongRun;
      return std::nullopt;
    }
    const JobKey key{place.target, place.stage};
    Remove(key);
    if (IsExclusive(key.stage)) {
      exclusive_runs_ = true;
    } else {
      shared_runs_.emplace(key, now);
    }
    if (!key.target.empty()) busy_.insert(key.target);
    return key;
  }
  return std::nullopt;
}

void RunQueue::Yield(const JobKey& key) {
  if (shared_runs_.contains(key)) yielded_.insert(key);
}

void RunQueue::End(const JobKey& key) {
  yielded_.erase(key);
  if (IsExclusive(key.stage)) {
    exclusive_runs_ = false;
  } else {
    shared_runs_.erase(key);
  }
  busy_.erase(key.target);
}

void RunQueue::ClockSetTo(UnixTime now) {
  for (auto& [key, started] : shared_runs_) started = std::min(started, now);
  std::vector<JobKey> too_late;
  for (const auto& [key, turn] : turns_) {
    if (turn > now) too_late.push_back(key);
  }
  for (const JobKey& key : too_late) Insert(key, now);
}

}  // namespace runner
