#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/schedule/scheduler.h"

namespace runner::testing {

inline constexpr targets::Duration kMinute{60};
inline constexpr targets::Duration kHour{3600};
inline constexpr targets::Duration kDay{24 * 3600};

/// "1 02:30" or "1 02:30:15": that time of that day of June 2026, in UTC. Later days go on
/// counting.
inline targets::UnixTime At(const std::string& text) {
  const std::size_t space = text.find(' ');
  const auto number = [&](std::size_t from) { return std::stoi(text.substr(from, 2)); };
  targets::Duration time = kHour * number(space + 1) + kMinute * number(space + 4);
  if (text.size() > space + 6) time += targets::Duration{number(space + 7)};
  constexpr targets::UnixTime kLastOfMay =
      std::chrono::sys_days{std::chrono::year{2026} / std::chrono::May / 31};
  return kLastOfMay + kDay * std::stoi(text.substr(0, space)) + time;
}

/// The inverse of At, or "never".
inline std::string Show(std::optional<targets::UnixTime> time) {
  if (!time) return "never";
  const auto since = *time - At("0 00:00");
  const auto two = [](auto value) {
    return (value < 10 ? "0" : "") + std::to_string(static_cast<int>(value));
  };
  std::string text = std::to_string(since / kDay) + " " + two(since % kDay / kHour) + ":" +
                     two(since % kHour / kMinute);
  if (since.count() % 60 != 0) text += ":" + two(since.count() % 60);
  return text;
}

/// "backup a" is {a, backup}, "prune" is {no target, prune}.
inline JobKey Key(const std::string& name) {
  const std::size_t space = name.find(' ');
  const auto stage = targets::StageFromName(name.substr(0, space));
  return {targets::TargetId{space == std::string::npos ? "" : name.substr(space + 1)},
          stage.value()};
}

inline std::string Name(const JobKey& key) {
  const std::string stage{targets::StageName(key.stage)};
  return key.target.empty() ? stage : stage + " " + key.target.str();
}

inline targets::Recurrence Cron(const std::string& expression, const std::string& zone = "UTC") {
  return targets::Recurrence::Make({targets::CronTiming{expression}, zone}, "").value();
}

inline targets::Recurrence Manual() {
  return targets::Recurrence::Make({targets::ManualTiming{}, "UTC"}, "").value();
}

/// A job by its name and cron expression; an empty one: by hand only.
inline JobSpec Job(const std::string& name, const std::string& cron = "") {
  return JobSpec{Key(name), cron.empty() ? Manual() : Cron(cron)};
}
inline JobSpec AtStart(JobSpec spec) {
  spec.at_start = true;
  return spec;
}
inline JobSpec Skipping(JobSpec spec) {
  spec.catch_up = targets::CatchUp::kSkip;
  return spec;
}
inline JobSpec KeepingAll(JobSpec spec) {
  spec.forget_after = false;
  return spec;
}

/// A scheduler, the records that it asked to store, and what it started, as text: "backup a:
/// scheduled", "forget [a b]: after backups".
class Story {
 public:
  using Starts = std::vector<std::string>;

  explicit Story(std::vector<JobSpec> jobs, int max_parallel = 1)
      : jobs_(std::move(jobs)), max_parallel_(max_parallel), scheduler_(jobs_, max_parallel_) {}

  Starts On(const SchedulerEvent& event) {
    last_ = scheduler_.On(event);
    for (const auto& [key, record] : last_.records) disk[key] = record;
    Starts starts;
    for (const StartJob& job : last_.start) starts.push_back(Text(job));
    return starts;
  }

  Starts Start(const std::string& at) { return On(Started{At(at), disk}); }
  Starts Timer(const std::string& at) { return On(TimePassed{At(at)}); }
  Starts ClockSet(const std::string& at) { return On(TimePassed{At(at), true}); }
  Starts Succeed(const std::string& at, const std::string& job) {
    return On(JobFinished{At(at), Key(job), JobEnd::kSuccess, {}});
  }
  Starts Skip(const std::string& at, const std::string& job) {
    return On(JobFinished{At(at), Key(job), JobEnd::kSkipped, {}});
  }
  Starts Fail(const std::string& at, const std::string& job) {
    return On(JobFinished{At(at), Key(job), JobEnd::kFailure, {}});
  }
  Starts FailUntil(const std::string& at, const std::string& job, const std::string& not_before) {
    return On(JobFinished{At(at), Key(job), JobEnd::kFailure, At(not_before)});
  }
  Starts Yield(const std::string& at, const std::string& job) {
    return On(JobYielded{At(at), Key(job)});
  }
  Starts Request(const std::string& at, const std::string& job) {
    return On(JobRequested{At(at), Key(job)});
  }
  Starts Reconfigure(const std::string& at, std::vector<JobSpec> jobs, int max_parallel = 1) {
    jobs_ = std::move(jobs);
    max_parallel_ = max_parallel;
    return On(Reconfigured{At(at), jobs_, max_parallel_});
  }
  Starts Stop(const std::string& at) { return On(StopRequested{At(at)}); }

  /// The program died; its records are what it stored. Then it starts again.
  Starts CrashAndStart(const std::string& at) {
    scheduler_ = Scheduler(jobs_, max_parallel_);
    return Start(at);
  }

  [[nodiscard]] std::string wake() const { return Show(last_.wake_at); }
  [[nodiscard]] const SchedulerActions& last() const { return last_; }
  [[nodiscard]] bool Waits(const std::string& job) const {
    const auto view = scheduler_.View(Key(job));
    return view && view->pending;
  }
  [[nodiscard]] const Scheduler& scheduler() const { return scheduler_; }

  std::map<JobKey, JobRecord> disk;

 private:
  static std::string Text(const StartJob& job) {
    std::string text = Name(job.key);
    if (!job.targets.empty()) {
      text += " [";
      for (const targets::TargetId& id : job.targets) {
        if (text.back() != '[') text += ' ';
        text += id.str();
      }
      text += "]";
    }
    return text + ": " + std::string(StartReasonName(job.reason));
  }

  std::vector<JobSpec> jobs_;
  int max_parallel_;
  Scheduler scheduler_;
  SchedulerActions last_;
};

}  // namespace runner::testing
