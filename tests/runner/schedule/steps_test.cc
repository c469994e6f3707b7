// What an event costs the scheduler, counted in steps instead of seconds: evaluations of a
// schedule, and allocations. The linker sends the calls of scheduler.cc through here (see
// CMakeLists.txt).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "tests/runner/schedule/story.h"

namespace {

long evaluations = 0;
long allocations = 0;

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

#define INSTANT \
  "NSt6chrono10time_pointINS1_3_V212system_clockENS1_8durationIlSt5ratioILl1ELl1EEEEEE"
#define NEXT "_ZNK7targets10Recurrence4NextE" INSTANT
#define PREVIOUS "_ZNK7targets10Recurrence8PreviousE" INSTANT

namespace targets {

using Instant = std::optional<UnixTime>;

Instant RealNext(const Recurrence* self, UnixTime after) __asm__("__real_" NEXT);
Instant CountedNext(const Recurrence* self, UnixTime after) __asm__("__wrap_" NEXT);
Instant RealPrevious(const Recurrence* self, UnixTime at) __asm__("__real_" PREVIOUS);
Instant CountedPrevious(const Recurrence* self, UnixTime at) __asm__("__wrap_" PREVIOUS);

Instant CountedNext(const Recurrence* self, UnixTime after) {
  ++evaluations;
  return RealNext(self, after);
}

Instant CountedPrevious(const Recurrence* self, UnixTime at) {
  ++evaluations;
  return RealPrevious(self, at);
}

}  // namespace targets

namespace runner::testing {
namespace {

struct Steps {
  long evaluations = 0;
  long allocations = 0;
};

/// Monthly backups, each at a minute of its own.
std::vector<JobSpec> ManyJobs(int count) {
  std::vector<JobSpec> jobs;
  for (int i = 0; i < count; ++i) {
    const std::string cron = fmt::format("{} {} {} * *", i % 60, i / 60 % 24, i / 1440 + 1);
    jobs.push_back(KeepingAll(Job(fmt::format("backup target-{:05}", i), cron)));
  }
  return jobs;
}

/// The most that one event cost, of so many: what is due starts and ends, and another is asked for.
class Week {
 public:
  explicit Week(int jobs) : scheduler_(ManyJobs(jobs), 4) {
    actions_ = scheduler_.On(Started{At("0 23:30"), {}});
    for (int event = 0; event < 8; ++event) {
      const targets::UnixTime now = *actions_.wake_at;
      Count(TimePassed{now});
      const JobKey ran = actions_.start.at(0).key;
      Count(JobFinished{now, ran, JobEnd::kFailure, {}});
      Count(JobRequested{now, ran});
      Count(JobFinished{now, ran, JobEnd::kSuccess, {}});
    }
  }
  [[nodiscard]] const Steps& most() const { return most_; }

 private:
  void Count(const SchedulerEvent& event) {
    evaluations = allocations = 0;
    actions_ = scheduler_.On(event);
    most_.evaluations = std::max(most_.evaluations, evaluations);
    most_.allocations = std::max(most_.allocations, allocations);
  }

  Scheduler scheduler_;
  SchedulerActions actions_;
  Steps most_;
};

TEST(SchedulerSteps, AnEventTakesAsManyWithTenThousandJobsAsWithTen) {
  const Steps ten = Week(10).most();
  const Steps many = Week(10'000).most();
  EXPECT_GT(ten.evaluations, 0) << "the calls are not counted";
  EXPECT_GT(ten.allocations, 0) << "the allocations are not counted";
  EXPECT_EQ(many.evaluations, ten.evaluations);
  EXPECT_EQ(many.allocations, ten.allocations);
}

TEST(SchedulerSteps, AStartTakesAsManyForEachJobWhateverTheirNumber) {
  const auto steps = [](int jobs) {
    Scheduler scheduler(ManyJobs(jobs), 4);
    evaluations = 0;
    scheduler.On(Started{At("0 23:30"), {}});
    return evaluations;
  };
  EXPECT_LE(steps(10'000), steps(1'000) * 10);
}

}  // namespace
}  // namespace runner::testing
