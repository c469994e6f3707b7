#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "runner/daemon/crew.h"
#include "runner/daemon/mailbox.h"
#include "tests/support/fake_clock.h"

namespace runner::testing {

/// Many threads of which exactly one acts at any time, so that each run is the same: an actor acts
/// until it sleeps or is done, then the stage manager (whoever owns the theatre) goes on. Time
/// passes only when the manager lets it.
class Theatre {
 public:
  explicit Theatre(FakeClock& clock) : clock_(clock) {}
  ~Theatre() { EndAll(); }

  /// A new actor, who begins when his turn comes.
  void Enter(std::function<void()> act);
  /// Something that the manager does at that time.
  void Plan(MonotonicTime at, std::function<void()> what);

  /// The calling actor pauses until then, or shorter: see WakeAll() and EndAll(). For anybody else
  /// the clock moves and nothing happens.
  void Sleep(MonotonicTime until);

  /// When something is to happen next.
  [[nodiscard]] std::optional<MonotonicTime> Next() const;
  /// Moves the clock there and lets it happen.
  void Step();
  void WakeAll();
  /// From now on nobody sleeps; returns when all actors are done.
  void EndAll();
  /// Sleeping is possible again.
  void Reopen() { ending_ = false; }
  [[nodiscard]] bool AnybodyActs() const { return !actors_.empty(); }

 private:
  struct Actor {
    std::thread thread;
    std::binary_semaphore go{0};
    bool done = false;
  };
  using Turn = std::pair<MonotonicTime, int>;  // of one instant in the order of the calls

  void Act(Actor& actor);
  Turn NewTurn(MonotonicTime at) { return {at, ++turns_}; }

  FakeClock& clock_;
  std::binary_semaphore manager_{0};
  std::map<Turn, Actor*> sleeping_;
  std::map<Turn, std::function<void()>> plans_;
  std::map<Actor*, std::unique_ptr<Actor>> actors_;
  int turns_ = 0;
  bool ending_ = false;
  static thread_local Actor* self_;
};

/// Work is done by actors; they enter at once.
class TheatreCrew final : public Crew {
 public:
  explicit TheatreCrew(Theatre& theatre) : theatre_(theatre) {}
  void Send(std::function<void()> work) override { theatre_.Enter(std::move(work)); }

 private:
  Theatre& theatre_;
};

/// While the daemon waits, the play goes on.
class TheatreMailbox final : public Mailbox {
 public:
  /// `pause` is called before each wait and after each thing that happened; it may throw.
  TheatreMailbox(Theatre& theatre, FakeClock& clock, std::function<void()> pause)
      : theatre_(theatre), clock_(clock), pause_(std::move(pause)) {}

  void Post(DaemonEvent event) override { events_.push_back(std::move(event)); }
  DaemonEvent Wait(std::optional<targets::UnixTime> wake_at) override;

 private:
  Theatre& theatre_;
  FakeClock& clock_;
  std::function<void()> pause_;
  std::deque<DaemonEvent> events_;
};

}  // namespace runner::testing
