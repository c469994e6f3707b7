#include "targets/plan/describe.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "targets/base/text.h"

namespace targets {
namespace {

std::string Percent(double share) { return fmt::format("{:g} %", share * 100.0); }

void AddCount(std::vector<std::string>& rules, int count, std::string_view name) {
  if (count == Retention::kUnlimited) {
    rules.push_back(fmt::format("every {}", name));
  } else if (count != 0) {
    rules.push_back(fmt::format("{} {}", count, name));
  }
}

void AddWithin(std::vector<std::string>& rules, const std::string& span, std::string_view name) {
  if (!span.empty()) rules.push_back(fmt::format("{} within {}", name, span));
}

/// What an empty source means for a restore, from the repository's answer.
struct EmptySource {
  const RestoreRule& rule;
  UnixTime now;
  const Zone& zone;

  std::string operator()(const NotAsked&) const {
    return "source is empty: the newest good snapshot would be restored, if there is one "
           "(the repository was not asked)";
  }
  std::string operator()(const SnapshotFound& found) const {
    const std::string name = fmt::format("snapshot {} of {}", found.id.str().substr(0, 8),
                                         zone.FormatForPeople(found.time));
    if (rule.max_age && now - found.time > *rule.max_age) {
      return fmt::format("source is empty, but {} is older than {}: not restored by itself", name,
                         FormatDuration(*rule.max_age));
    }
    return fmt::format("source is empty: would restore {}", name);
  }
  std::string operator()(const ProvenNone&) const {
    return rule.on_missing == OnMissing::kFail
               ? "source is empty and no snapshot exists: a failure (on_missing: fail)"
               : "source is empty and no snapshot exists: nothing to restore";
  }
  std::string operator()(const AnswerUnknown& unknown) const {
    return fmt::format(
        "BLOCKED: source is empty and the repository's answer is unknown ({}): "
        "no restore, no backup",
        unknown.reason);
  }
};

}  // namespace

std::string DescribeSchedule(const Schedule& schedule) {
  if (std::holds_alternative<ManualTiming>(schedule.timing)) return "only by hand";
  std::string text;
  if (const auto* cron = std::get_if<CronTiming>(&schedule.timing)) text = cron->expression;
  if (const auto* interval = std::get_if<IntervalTiming>(&schedule.timing)) {
    text = "every " + FormatDuration(interval->period);
  }
  if (schedule.jitter > Duration{0}) text += ", jitter up to " + FormatDuration(schedule.jitter);
  if (schedule.catch_up == CatchUp::kSkip) text += ", missed runs are skipped";
  return text;
}

std::string DescribeRetention(const Retention& retention) {
  if (retention.Empty()) return "everything, for ever";
  std::vector<std::string> rules;
  AddCount(rules, retention.last, "last");
  AddCount(rules, retention.hourly, "hourly");
  AddCount(rules, retention.daily, "daily");
  AddCount(rules, retention.weekly, "weekly");
  AddCount(rules, retention.monthly, "monthly");
  AddCount(rules, retention.yearly, "yearly");
  AddWithin(rules, retention.within, "all");
  AddWithin(rules, retention.within_hourly, "hourly");
  AddWithin(rules, retention.within_daily, "daily");
  AddWithin(rules, retention.within_weekly, "weekly");
  AddWithin(rules, retention.within_monthly, "monthly");
  AddWithin(rules, retention.within_yearly, "yearly");
  for (const std::string& tag : retention.keep_tags) rules.push_back("tagged " + tag);
  if (retention.min_keep > 1) {
    rules.push_back(fmt::format("never fewer than {} good ones", retention.min_keep));
  }
  return Join(rules, ", ");
}

std::string DescribePreview(const TargetFacts& facts) {
  if (!facts.retention) {
    if (!facts.snapshots) return {};
    return fmt::format("now: {} snapshot{}", *facts.snapshots, *facts.snapshots == 1 ? "" : "s");
  }
  const std::size_t kept = facts.retention->keep.size();
  const std::size_t all = kept + facts.retention->remove.size();
  return fmt::format("now: keeps {} of {} snapshot{}", kept, all, all == 1 ? "" : "s");
}

std::string DescribeSource(const Source& source) {
  if (const auto* folder = std::get_if<DirectorySource>(&source)) return folder->path;
  std::vector<std::string> words;
  for (const std::string& word : std::get<CommandSource>(source).command) {
    words.push_back(ShellQuote(word));
  }
  return Join(words, " ");
}

std::vector<std::string> DescribeGuards(const Guards& guards) {
  std::vector<std::string> texts;
  if (guards.require_mount) texts.emplace_back("must be a mount point");
  if (!guards.sentinel.empty()) texts.push_back(guards.sentinel + " must exist");
  if (guards.allow_empty) texts.emplace_back("may be empty");
  if (guards.max_shrink) texts.push_back("may shrink by " + Percent(*guards.max_shrink));
  if (guards.max_changed) {
    texts.push_back("may change in " + Percent(*guards.max_changed) + " of its files");
  }
  return texts;
}

std::string DescribeBackend(Backend backend) {
  static constexpr std::array<std::pair<Backend, std::string_view>, 7> kNames = {{
      {Backend::kLocal, "folder"},
      {Backend::kB2, "Backblaze B2"},
      {Backend::kS3, "S3"},
      {Backend::kRest, "REST server"},
      {Backend::kSftp, "SFTP"},
      {Backend::kRclone, "rclone"},
      {Backend::kOther, "other"},
  }};
  for (const auto& [value, name] : kNames) {
    if (value == backend) return std::string(name);
  }
  return "other";
}

std::string DescribeRestore(const Target& target, const TargetFacts& facts, UnixTime now,
                            const Zone& zone) {
  if (target.IsStream()) return "never by itself: the source is a command";
  if (!target.restore.if_empty) return "never by itself: restore_if_empty is off";
  switch (facts.state) {
    case SourceState::kNotChecked:
      return "only if the source is empty";
    case SourceState::kMissing:
      return "source is missing, which is not empty: nothing is restored";
    case SourceState::kUnreadable:
      return "source is unreadable, which is not empty: nothing is restored";
    case SourceState::kEmpty:
      return std::visit(EmptySource{target.restore, now, zone}, facts.newest);
    case SourceState::kHasData:
      return "only if empty; source has data: nothing to restore";
    case SourceState::kHalfRestored:
      return "a restore is not finished: the next one finishes it or starts over";
  }
  return {};
}

std::vector<std::string> SourceWarnings(const Target& target, const TargetFacts& facts) {
  const auto because = [&](const char* state) {
    return facts.state_detail.empty() ? std::string("source is ") + state : facts.state_detail;
  };
  switch (facts.state) {
    case SourceState::kMissing:
      return {because("missing") + ": a backup would fail; mount or create it"};
    case SourceState::kUnreadable:
      return {because("unreadable") + ": a backup would fail; check owner and mode"};
    case SourceState::kEmpty:
      if (target.guard.allow_empty) return {};
      return {because("empty") + ": it would not be backed up (guard.allow_empty lifts that)"};
    case SourceState::kHalfRestored:
      return {because("half restored") + ": it is not backed up before that"};
    case SourceState::kNotChecked:
    case SourceState::kHasData:
      return {};
  }
  return {};
}

}  // namespace targets
