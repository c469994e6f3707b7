#include "targets/base/text.h"
#include "targets/config/decode.h"
#include "targets/config/layer_reader.h"

namespace targets {
namespace {

Source DecodeSource(const LayerReader& reader) {
  if (reader.Has("command")) return CommandSource{reader.Texts("command"), reader.Text("filename")};
  return DirectorySource{NormalisePath(reader.Text("source"))};
}

int Count(const LayerReader& reader, std::string_view key) {
  if (const auto number = reader.OptionalInteger(key)) return *number;
  return reader.Text(key) == "unlimited" ? Retention::kUnlimited : 0;
}

RestoreRule DecodeRestore(const Layer& layer, const std::string& timezone) {
  const LayerReader reader(layer);
  RestoreRule rule;
  rule.if_empty = reader.Flag("restore_if_empty/enabled", false);
  rule.on_missing = reader.Text("restore_if_empty/on_missing") == "fail" ? OnMissing::kFail
                                                                         : OnMissing::kContinue;
  rule.max_age = reader.OptionalSeconds("restore_if_empty/max_age");
  if (reader.HasFolder("restore_if_empty/check")) {
    rule.check = DecodeSchedule(layer, "restore_if_empty/check", timezone);
  }
  return rule;
}

Guards DecodeGuard(const LayerReader& reader) {
  Guards guard;
  guard.require_mount = reader.Flag("guard/require_mount", false);
  guard.sentinel = reader.Text("guard/sentinel");
  guard.allow_empty = reader.Flag("guard/allow_empty", false);
  guard.max_shrink = reader.OptionalShare("guard/max_shrink");
  guard.max_changed = reader.OptionalShare("guard/max_changed");
  return guard;
}

Hooks DecodeHooks(const LayerReader& reader) {
  Hooks hooks;
  hooks.before = reader.TextLists("hooks/before");
  hooks.after = reader.TextLists("hooks/after");
  hooks.on_success = reader.TextLists("hooks/on_success");
  hooks.on_failure = reader.TextLists("hooks/on_failure");
  hooks.timeout = reader.Seconds("hooks/timeout", hooks.timeout);
  return hooks;
}

TargetLimits DecodeLimits(const LayerReader& reader) {
  TargetLimits limits;
  limits.max_runtime = reader.OptionalSeconds("limits/max_runtime");
  limits.stall_timeout = reader.Seconds("limits/stall_timeout", limits.stall_timeout);
  limits.nice = reader.OptionalInteger("limits/nice");
  return limits;
}

PartialRule DecodePartial(const LayerReader& reader) {
  PartialRule rule;
  rule.on_partial =
      reader.Text("partial/on_partial") == "fail" ? OnPartial::kFail : OnPartial::kWarn;
  rule.unhealthy_after = reader.Integer("partial/unhealthy_after", rule.unhealthy_after);
  return rule;
}

std::optional<Drill> DecodeDrill(const Layer& layer, const std::string& timezone) {
  const LayerReader reader(layer);
  if (!reader.Flag("drill/enabled", false)) return std::nullopt;
  Drill drill;
  drill.schedule = DecodeSchedule(layer, "drill/schedule", timezone);
  drill.files = reader.Integer("drill/files", drill.files);
  drill.command = reader.Texts("drill/command");
  return drill;
}

}  // namespace

std::string NormalisePath(std::string_view path) {
  std::string out;
  for (const std::string_view part : Split(path, '/')) {
    if (!part.empty() && part != ".") out.append("/").append(part);
  }
  return out.empty() ? "/" : out;
}

Schedule DecodeSchedule(const Layer& layer, const std::string& folder,
                        const std::string& timezone) {
  const LayerReader reader(layer);
  Schedule schedule;
  const std::string cron = reader.Text(folder + "/cron");
  if (reader.Has(folder + "/every")) {
    schedule.timing = IntervalTiming{reader.Seconds(folder + "/every", Duration{})};
  } else if (!cron.empty() && cron != "manual") {
    schedule.timing = CronTiming{cron};
  }
  schedule.timezone = reader.Text(folder + "/timezone", timezone);
  schedule.jitter = reader.Seconds(folder + "/jitter", Duration{});
  schedule.catch_up = reader.Text(folder + "/catch_up") == "skip" ? CatchUp::kSkip : CatchUp::kOnce;
  schedule.on_start = reader.Flag(folder + "/on_start", false);
  return schedule;
}

Retention DecodeRetention(const Layer& layer) {
  const LayerReader reader(layer);
  Retention retention;
  retention.last = Count(reader, "retention/last");
  retention.hourly = Count(reader, "retention/hourly");
  retention.daily = Count(reader, "retention/daily");
  retention.weekly = Count(reader, "retention/weekly");
  retention.monthly = Count(reader, "retention/monthly");
  retention.yearly = Count(reader, "retention/yearly");
  retention.within = reader.Text("retention/within");
  retention.within_hourly = reader.Text("retention/within_hourly");
  retention.within_daily = reader.Text("retention/within_daily");
  retention.within_weekly = reader.Text("retention/within_weekly");
  retention.within_monthly = reader.Text("retention/within_monthly");
  retention.within_yearly = reader.Text("retention/within_yearly");
  retention.keep_tags = reader.Texts("retention/keep_tags");
  retention.min_keep = reader.Integer("retention/min_keep", 1);
  return retention;
}

Target DecodeTarget(const std::string& id, const Layer& layer, const std::string& timezone) {
  const LayerReader reader(layer);
  Target target;
  target.id = TargetId(id);
  target.source = DecodeSource(reader);
  target.schedule = DecodeSchedule(layer, "schedule", timezone);
  target.retention = DecodeRetention(layer);
  target.restore = DecodeRestore(layer, timezone);
  target.guard = DecodeGuard(reader);
  target.hooks = DecodeHooks(reader);
  target.limits = DecodeLimits(reader);
  target.partial = DecodePartial(reader);
  target.drill = DecodeDrill(layer, timezone);
  target.exclude = reader.Texts("exclude");
  target.exclude_if_present = reader.Texts("exclude_if_present");
  target.exclude_larger_than = reader.OptionalSize("exclude_larger_than");
  target.one_file_system = reader.Flag("one_file_system", false);
  target.tags = reader.Texts("tags");
  target.environment = reader.TextMap("environment");
  target.enabled = reader.Flag("enabled", true);
  return target;
}

}  // namespace targets
