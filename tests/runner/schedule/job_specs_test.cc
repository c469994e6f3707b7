#include "runner/schedule/job_specs.h"

#include <gtest/gtest.h>

#include "targets/plan/plan.h"
#include "tests/runner/schedule/story.h"

namespace runner::testing {
namespace {

using targets::Config;
using targets::Schedule;
using targets::Target;
using targets::TargetId;

Schedule Nightly(const std::string& cron, targets::Duration jitter = {}) {
  Schedule schedule{targets::CronTiming{cron}, "Europe/Berlin"};
  schedule.jitter = jitter;
  return schedule;
}

Target Photos() {
  Target target;
  target.id = TargetId{"photos"};
  target.source = targets::DirectorySource{"/data/photos"};
  target.schedule = Nightly("30 2 * * *", kHour);
  target.schedule.on_start = true;
  target.schedule.catch_up = targets::CatchUp::kSkip;
  target.retention.daily = 7;
  target.restore.if_empty = true;
  target.restore.check = Nightly("0 1 * * *", kHour);
  target.drill.emplace().schedule = Nightly("0 6 1 * *", kHour);
  return target;
}

Config Sample() {
  Config config;
  config.instance = targets::InstanceName{"test"};
  config.repository.url = "/repository";
  config.targets = {Photos()};
  config.maintenance.probe.emplace().schedule = Nightly("@hourly", kHour);
  config.maintenance.prune.emplace().schedule = Nightly("0 4 * * 0", kHour);
  config.maintenance.check.emplace().schedule = Nightly("0 5 * * *", kHour);
  return config;
}

std::vector<std::string> Names(const std::vector<JobSpec>& specs) {
  std::vector<std::string> names;
  for (const JobSpec& spec : specs) {
    names.push_back(Name(spec.key) + (spec.at_start ? ", at start" : "") +
                    (spec.forget_after ? ", then forget" : "") +
                    (spec.catch_up == targets::CatchUp::kSkip ? ", skips" : ""));
  }
  return names;
}

TEST(JobSpecs, OfAllStages) {
  const std::vector<std::string> expected = {"restore photos, at start",
                                             "backup photos, at start, then forget, skips",
                                             "drill photos",
                                             "probe",
                                             "prune",
                                             "check"};
  EXPECT_EQ(Names(MakeJobSpecs(Sample()).value()), expected);
}

TEST(JobSpecs, ADrillRunsAtTheStartIfItsScheduleSaysSo) {
  Config config = Sample();
  config.targets.at(0).drill->schedule.on_start = true;
  EXPECT_EQ(Names(MakeJobSpecs(config).value()).at(2), "drill photos, at start");
}

TEST(JobSpecs, OfNothingThatIsOff) {
  Config config = Sample();
  config.maintenance = {};
  Target& target = config.targets.at(0);
  target.restore = {};
  target.drill.reset();
  target.retention = {};
  target.schedule.on_start = false;
  EXPECT_EQ(Names(MakeJobSpecs(config).value()),
            (std::vector<std::string>{"backup photos, skips"}));
  target.enabled = false;
  EXPECT_TRUE(MakeJobSpecs(config).value().empty());
}

TEST(JobSpecs, ARestoreWithoutAScheduleHappensAtTheStartOnly) {
  Config config = Sample();
  config.targets.at(0).restore.check.reset();
  const JobSpec restore = MakeJobSpecs(config).value().at(0);
  EXPECT_TRUE(restore.at_start);
  EXPECT_EQ(restore.recurrence.Next(At("1 00:00")), std::nullopt);
}

TEST(JobSpecs, AStreamHasNoRestoreCheck) {
  Config config = Sample();
  config.targets.at(0).source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  EXPECT_EQ(MakeJobSpecs(config).value().at(0).key, Key("backup photos"));
}

TEST(JobSpecs, AreDueExactlyWhenThePlanSaysSo) {
  const Config config = Sample();
  targets::PlanInput input{.config = config};
  input.at = At("1 00:00");
  const targets::Plan plan = targets::MakePlan(input).value();
  std::map<JobKey, targets::UnixTime> planned;
  const auto add = [&planned](const TargetId& id, const targets::PlanAgenda& agenda) {
    for (const targets::PlanJob& job : agenda.jobs) {
      planned[{id, agenda.steps.at(job.step).stage}] = job.due.at;
    }
  };
  add(TargetId{"photos"}, plan.targets.at(0).agenda);
  add(TargetId{}, plan.maintenance);
  const std::vector<JobSpec> specs = MakeJobSpecs(config).value();
  for (const JobSpec& spec : specs) {
    EXPECT_EQ(spec.recurrence.Next(input.at), planned.at(spec.key)) << Name(spec.key);
  }
}

TEST(JobSpecs, ABadScheduleIsAnErrorThatNamesTheJob) {
  Config config = Sample();
  config.targets.at(0).schedule.timing = targets::CronTiming{"61 * * * *"};
  EXPECT_EQ(MakeJobSpecs(config).error().message,
            "photos/backup: \"61 * * * *\": minute 61 is not in 0-59");
}

}  // namespace
}  // namespace runner::testing
