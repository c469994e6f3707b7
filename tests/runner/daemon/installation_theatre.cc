#include "tests/runner/daemon/installation_theatre.h"

#include <algorithm>

namespace runner::testing {

thread_local Theatre::Actor* Theatre::self_ = nullptr;

void Theatre::Enter(std::function<void()> act) {
  auto actor = std::make_unique<Actor>();
  Actor* entering = actor.get();
  entering->thread = std::thread([this, entering, act = std::move(act)] {
    entering->go.acquire();
    self_ = entering;
    act();
    entering->done = true;
    manager_.release();
  });
  sleeping_.emplace(NewTurn(clock_.Monotonic()), entering);
  actors_.emplace(entering, std::move(actor));
}

void Theatre::Plan(MonotonicTime at, std::function<void()> what) {
  plans_.emplace(NewTurn(at), std::move(what));
}

void Theatre::Sleep(MonotonicTime until) {
  if (ending_ || until <= clock_.Monotonic()) return;
  if (self_ == nullptr) return clock_.AdvanceTo(until);
  sleeping_.emplace(NewTurn(until), self_);
  manager_.release();
  self_->go.acquire();
}

std::optional<MonotonicTime> Theatre::Next() const {
  std::optional<MonotonicTime> next;
  if (!sleeping_.empty()) next = sleeping_.begin()->first.first;
  if (!plans_.empty() && (!next || plans_.begin()->first.first < *next))
    next = plans_.begin()->first.first;
  return next;
}

void Theatre::Step() {
  const bool plan = sleeping_.empty() || (!plans_.empty() && plans_.begin()->first.first <
                                                                 sleeping_.begin()->first.first);
  clock_.AdvanceTo(*Next());
  if (plan) {
    plans_.extract(plans_.begin()).mapped()();
  } else {
    Act(*sleeping_.extract(sleeping_.begin()).mapped());
  }
}

void Theatre::Act(Actor& actor) {
  actor.go.release();
  manager_.acquire();
  if (!actor.done) return;
  actor.thread.join();
  actors_.erase(&actor);
}

void Theatre::WakeAll() {
  std::map<Turn, Actor*> awake;
  for (const auto& [turn, actor] : sleeping_) awake.emplace(NewTurn(clock_.Monotonic()), actor);
  sleeping_ = std::move(awake);
}

void Theatre::EndAll() {
  ending_ = true;
  while (!sleeping_.empty()) Act(*sleeping_.extract(sleeping_.begin()).mapped());
}

DaemonEvent TheatreMailbox::Wait(std::optional<targets::UnixTime> wake_at) {
  while (true) {
    pause_();
    if (!events_.empty()) {
      DaemonEvent event = std::move(events_.front());
      events_.pop_front();
      return event;
    }
    const auto next = theatre_.Next();
    // The timer follows the real time, which somebody may have set since.
    const auto due = clock_.Monotonic() +
                     std::max(targets::Duration{0}, wake_at.value_or(clock_.Now()) - clock_.Now());
    if (next && (!wake_at || *next <= due)) {
      theatre_.Step();
    } else {
      clock_.AdvanceTo(due);
      return TimerFired{};
    }
  }
}

}  // namespace runner::testing
