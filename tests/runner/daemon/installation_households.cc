#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::CronTiming;
using targets::Duration;
using targets::IntervalTiming;
using targets::Schedule;
using targets::Target;

Schedule Cron(const std::string& expression, const std::string& zone) {
  return {CronTiming{expression}, zone};
}

Target Folder(const std::string& id, Schedule schedule) {
  Target target;
  target.id = targets::TargetId(id);
  target.source = targets::DirectorySource{"/data/" + id};
  target.guard.require_mount = true;
  target.schedule = std::move(schedule);
  target.limits.stall_timeout = Duration{0};
  return target;
}

Target Documents() {
  Target target = Folder("documents", Cron("0 */6 * * *", "Europe/Berlin"));
  target.retention.last = 3;
  target.retention.daily = 7;
  target.retention.weekly = 3;
  target.retention.min_keep = 2;
  target.restore.check = Cron("0 1 * * *", "Europe/Berlin");
  return target;
}

Target Photos(const std::string& cron) {
  Target target = Folder("photos", Cron(cron, "Europe/Paris"));
  target.retention.daily = 7;
  target.retention.weekly = 4;
  target.restore.check = Cron("0 1 * * *", "Europe/Paris");
  return target;
}

Target Mail() {
  Target target = Folder("mail", {IntervalTiming{Duration{12 * 3600}}, "UTC"});
  target.schedule.jitter = Duration{1800};
  target.retention.daily = 5;
  return target;
}

Target Database() {
  Target target = Folder("database", Cron("15 */8 * * *", "America/New_York"));
  target.source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  target.guard = {};
  target.retention.hourly = 6;
  target.retention.daily = 5;
  return target;
}

Target Wiki() {
  Target target = Folder("wiki", Cron("30 3 * * *", "Pacific/Apia"));
  target.schedule.catch_up = targets::CatchUp::kSkip;
  target.schedule.on_start = true;
  target.retention.within = "4d";
  target.retention.min_keep = 3;
  return target;
}

targets::Config House(std::vector<Target> all) {
  targets::Config config;
  config.instance = targets::InstanceName("server1");
  config.state_dir = "/state";
  config.repository.url = "/srv/repo";
  config.max_parallel = 2;
  config.maintenance.probe = targets::ProbeJob{{IntervalTiming{Duration{6 * 3600}}, "UTC"}};
  config.maintenance.prune = targets::PruneJob{Cron("0 4 * * *", "UTC"), "5%", {}};
  config.maintenance.check = targets::CheckJob{Cron("0 5 * * *", "UTC"), 30};
  config.targets = std::move(all);
  return config;
}

}  // namespace

std::vector<std::shared_ptr<const targets::Config>> Households() {
  targets::Config other = House({Database(), Documents(), Photos("45 */12 * * *")});
  other.max_parallel = 3;
  return {std::make_shared<const targets::Config>(
              House({Database(), Documents(), Mail(), Photos("30 2 * * *"), Wiki()})),
          std::make_shared<const targets::Config>(std::move(other))};
}

}  // namespace runner::testing
