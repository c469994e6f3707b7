#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/daemon/daemon.h"
#include "targets/base/text.h"
#include "tests/runner/schedule/story.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner::testing {

/// What a power cut is to the program: whoever waits gets this instead of an event.
struct PowerCut {};

/// Time goes on only while the daemon waits: to its next wake-up, or to what the test has planned
/// before.
class FakeMailbox final : public Mailbox {
 public:
  explicit FakeMailbox(FakeClock& clock) : clock_(clock) {}

  void Post(DaemonEvent event) override { events_.push_back(std::move(event)); }

  DaemonEvent Wait(std::optional<targets::UnixTime> wake_at) override {
    while (events_.empty()) {
      const bool timer_first = wake_at && (plans_.empty() || *wake_at <= plans_.begin()->first);
      if (timer_first) {
        GoTo(*wake_at);
        return TimerFired{};
      }
      if (plans_.empty()) throw PowerCut{};
      auto plan = plans_.extract(plans_.begin());
      GoTo(plan.key());
      plan.mapped()();
    }
    DaemonEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  void Plan(targets::UnixTime at, std::function<void()> what) {
    plans_.emplace(at, std::move(what));
  }
  /// The program is gone, and with it all that it waited for.
  void Clear() {
    events_.clear();
    plans_.clear();
  }

 private:
  void GoTo(targets::UnixTime time) {
    const auto now = clock_.Now();
    if (time > now) clock_.Advance(time - now);
  }

  FakeClock& clock_;
  std::deque<DaemonEvent> events_;
  std::multimap<targets::UnixTime, std::function<void()>> plans_;
};

/// Work is done when its time has passed: `next` holds how long the next pieces take, else ten
/// minutes.
class FakeCrew final : public Crew {
 public:
  FakeCrew(FakeMailbox& mailbox, FakeClock& clock) : mailbox_(mailbox), clock_(clock) {}
  void Send(std::function<void()> work) override {
    targets::Duration takes = 10 * kMinute;
    if (!next.empty()) {
      takes = next.front();
      next.pop_front();
    }
    mailbox_.Plan(clock_.Now() + takes, std::move(work));
  }
  std::deque<targets::Duration> next;

 private:
  FakeMailbox& mailbox_;
  FakeClock& clock_;
};

/// An installation whose jobs only tell what they do. Times are of June 2026 in UTC, as in story.h.
class DaemonLife : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  class FakeWorkshop final : public Workshop {
   public:
    FakeWorkshop(DaemonLife& life, std::string name) : life_(life), name_(std::move(name)) {}
    std::optional<JobReport> BackUp(const StartJob& job, StopHandle&) override {
      const targets::TargetId& target = job.key.target;
      life_.Tell(name_ + "backup " + target.str());
      const auto outcome = life_.outcomes.find("backup " + target.str());
      if (outcome != life_.outcomes.end()) return life_.Report({target}, outcome->second);
      return std::nullopt;
    }
    std::vector<JobReport> Prove(const std::set<targets::TargetId>& targets) override {
      std::vector<JobReport> reports;
      std::string line = name_ + "prove";
      for (const auto& id : targets) {
        line += " " + id.str();
        reports.push_back(life_.Report({id}, JobOutcome::kSuccess));
      }
      life_.Tell(line);
      return reports;
    }
    std::vector<JobReport> Run(const StartJob& job, StopHandle&) override {
      std::string line = name_ + Name(job.key);
      for (const auto& id : job.targets) line += " " + id.str();
      life_.Tell(line);
      const auto outcome = life_.outcomes.find(Name(job.key));
      return {life_.Report(
          job.key, outcome == life_.outcomes.end() ? JobOutcome::kSuccess : outcome->second)};
    }

   private:
    DaemonLife& life_;
    std::string name_;
  };

  DaemonLife() { EXPECT_TRUE(state_.Prepare(clock_.Now())); }

  JobReport Report(const JobKey& key, JobOutcome outcome) {
    JobReport report;
    report.target = key.target;
    report.stage = key.stage;
    report.outcome = outcome;
    report.cause = cause;
    return report;
  }
  void Tell(const std::string& what) { done.push_back(Show(clock_.Now()) + " " + what); }

  /// The program lives until it stops by itself (true), or until `until`, when its power is cut.
  bool Live(const std::string& until) {
    mailbox_.Plan(At(until), [] { throw PowerCut{}; });
    RecordStore records(files_, state_);
    const DaemonTools tools{clock_,  mailbox_, crew_,  records, facts_,
                            events_, stop_,    reload, hurry_,  42};
    bool stopped = true;
    try {
      Daemon daemon(tools, {jobs, max_parallel, kMinute, workshop_, at_rest});
      daemon.Run();
    } catch (const PowerCut&) {
      stopped = false;
    }
    mailbox_.Clear();
    return stopped;
  }
  void PlanEvent(const std::string& at, DaemonEvent event) {
    mailbox_.Plan(At(at), [this, event = std::move(event)] { mailbox_.Post(event); });
  }
  DaemonFacts AboutDaemon() { return facts_.ReadDaemon().value().value(); }

  class EventList final : public Observer {
   public:
    void OnEvent(const Event& event) override {
      lines.push_back(event.subject + ": " + event.message);
    }
    Lines lines;
  };

  std::vector<JobSpec> jobs;
  int max_parallel = 1;
  std::map<std::string, JobOutcome> outcomes;  // by the job's name; else success
  Cause cause = Cause::kNone;                  // of every report
  Lines done;                                  // "1 02:10 backup a": at the end of the work
  std::function<targets::Result<Installation>()> reload;
  std::function<void()> at_rest;
  int hurries = 0;

  FakeClock clock_{At("1 00:00")};
  MemoryFileSystem files_;
  StateFolder state_{files_, "/state"};
  FactStore facts_{files_, state_};
  FakeMailbox mailbox_{clock_};
  FakeCrew crew_{mailbox_, clock_};
  EventList events_;
  StopHandle stop_;
  std::function<void()> hurry_ = [this] { ++hurries; };
  std::shared_ptr<Workshop> workshop_ = std::make_shared<FakeWorkshop>(*this, "");
};

}  // namespace runner::testing
