#include "targets/retention/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <optional>
#include <string_view>

#include "targets/base/text.h"
#include "targets/model/target.h"
#include "targets/retention/within.h"

namespace targets {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;

/// Snapshots with equal values share a bucket, of which a rule keeps the newest.
using Bucket = std::int64_t;

/// An instant to the nanosecond.
struct Moment {
  UnixTime time = UnixTime::min();
  int nanoseconds = 0;
  auto operator<=>(const Moment&) const = default;
};

Moment MomentOf(const Snapshot& snapshot) { return {snapshot.time, snapshot.nanoseconds}; }

/// What the clock showed where the snapshot was made.
local_seconds CivilTimeOf(const Snapshot& snapshot) {
  return local_seconds{snapshot.time.time_since_epoch() + Duration{snapshot.utc_offset}};
}

Bucket HourOf(const Snapshot& snapshot) {
  return std::chrono::floor<std::chrono::hours>(CivilTimeOf(snapshot)).time_since_epoch().count();
}

local_days CivilDayOf(const Snapshot& snapshot) {
  return std::chrono::floor<days>(CivilTimeOf(snapshot));
}

Bucket DayOf(const Snapshot& snapshot) { return CivilDayOf(snapshot).time_since_epoch().count(); }

/// ISO weeks run from Monday to Sunday; all days of one share its Thursday.
Bucket WeekOf(const Snapshot& snapshot) {
  const local_days day = CivilDayOf(snapshot);
  const days since_monday = std::chrono::weekday{day} - std::chrono::Monday;
  return (day - since_monday).time_since_epoch().count();
}

Bucket YearOf(const Snapshot& snapshot) {
  return static_cast<int>(std::chrono::year_month_day{CivilDayOf(snapshot)}.year());
}

Bucket MonthOf(const Snapshot& snapshot) {
  const std::chrono::year_month_day date{CivilDayOf(snapshot)};
  return YearOf(snapshot) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

/// Every snapshot has its own.
constexpr Bucket (*kNoBucket)(const Snapshot&) = nullptr;

struct Rule {
  std::string_view name;
  Bucket (*bucket)(const Snapshot&);
  std::optional<Moment> after;  // of "within" rules: only later snapshots count
  std::string suffix;           // of "within" rules: " within 7d"
  bool counted;
  int left;  // of counted rules; negative: unlimited
  int kept = 0;
  std::optional<Bucket> last = std::nullopt;
};

bool IsFuture(const Snapshot& snapshot, UnixTime now) { return snapshot.time > now; }
bool IsQuarantined(const Snapshot& snapshot) { return snapshot.HasTag(kQuarantineTag); }

/// The instant after which a "within" rule counts; the beginning of time if it cannot be told.
Moment StartOf(const std::string& text, const Snapshot* latest, const Zone& zone) {
  const Result<Within> within = ParseWithin(text);
  if (!within || latest == nullptr) return {};
  const Duration offset{latest->utc_offset};
  // Go reads a time into the zone of the process if that has the same offset then, but "Z" always
  // into UTC.
  const bool in_zone = offset != Duration{0} && offset == zone.OffsetAt(latest->time);
  return {in_zone ? MoveBack(latest->time, *within, zone) : MoveBack(latest->time, *within, offset),
          latest->nanoseconds};
}

/// All rules of a policy, applied to one snapshot after the other, newest first.
class Rules {
 public:
  Rules(const Retention& policy, const Snapshot* latest, const Zone& zone, RetentionRules set)
      : tags_(policy.keep_tags), set_(set) {
    if (!policy.within.empty()) {
      within_ = StartOf(policy.within, latest, zone);
      within_text_ = "within " + policy.within;
    }
    AddCounted("last", kNoBucket, policy.last);
    AddCounted("hourly", HourOf, policy.hourly);
    AddCounted("daily", DayOf, policy.daily);
    AddCounted("weekly", WeekOf, policy.weekly);
    AddCounted("monthly", MonthOf, policy.monthly);
    AddCounted("yearly", YearOf, policy.yearly);
    const auto add_within = [&](std::string_view name, Bucket (*bucket)(const Snapshot&),
                                const std::string& text) {
      if (text.empty()) return;
      rules_.push_back({name, bucket, StartOf(text, latest, zone), " within " + text, false, 0});
    };
    add_within("hourly", HourOf, policy.within_hourly);
    add_within("daily", DayOf, policy.within_daily);
    add_within("weekly", WeekOf, policy.within_weekly);
    add_within("monthly", MonthOf, policy.within_monthly);
    add_within("yearly", YearOf, policy.within_yearly);
  }

  /// Why the next snapshot is kept; empty: it is not. Every rule is asked, and may be used up, even
  /// if another keeps it.
  std::vector<std::string> ReasonsFor(const Snapshot& snapshot, bool oldest) {
    std::vector<std::string> reasons;
    for (const std::string& tags : tags_) {
      if (HasAllTags(snapshot, tags)) reasons.push_back("tag " + tags);
    }
    if (within_ && MomentOf(snapshot) > *within_) reasons.push_back(within_text_);
    for (Rule& rule : rules_) Apply(rule, snapshot, oldest, reasons);
    return reasons;
  }

 private:
  void AddCounted(std::string_view name, Bucket (*bucket)(const Snapshot&), int count) {
    if (count != 0) rules_.push_back({name, bucket, std::nullopt, "", true, count});
  }

  /// restic's reading: all tags of the list are there; an empty tag stands for a snapshot without
  /// any.
  static bool HasAllTags(const Snapshot& snapshot, std::string_view list) {
    for (const std::string_view part : Split(list, ',')) {
      const std::string tag(TrimSpace(part));
      if (tag.empty() && snapshot.tags.empty()) return true;
      if (!snapshot.HasTag(tag)) return false;
    }
    return true;
  }

  void Apply(Rule& rule, const Snapshot& snapshot, bool oldest,
             std::vector<std::string>& reasons) const {
    if (rule.counted && rule.left == 0) return;
    if (rule.after && MomentOf(snapshot) <= *rule.after) return;
    const bool same = rule.bucket != nullptr && rule.last == rule.bucket(snapshot);
    const bool as_oldest = same && oldest && set_ == RetentionRules::kWithOldestRule;
    if (same && !as_oldest) return;
    if (rule.bucket != nullptr) rule.last = rule.bucket(snapshot);
    if (rule.left > 0) --rule.left;
    ++rule.kept;
    const std::string number = rule.counted ? fmt::format(" {}", rule.kept) : "";
    reasons.push_back(as_oldest ? fmt::format("oldest {}{}", rule.name, rule.suffix)
                                : fmt::format("{}{}{}", rule.name, number, rule.suffix));
  }

  std::vector<std::string> tags_;
  RetentionRules set_;
  std::optional<Moment> within_;
  std::string within_text_;
  std::vector<Rule> rules_;
};

/// A snapshot with the reasons to keep it, as they are found.
struct Judged {
  const Snapshot* snapshot;
  std::vector<std::string> reasons;
};

std::vector<Judged> NewestFirst(std::span<const Snapshot> snapshots) {
  std::vector<Judged> all;
  all.reserve(snapshots.size());
  for (const Snapshot& snapshot : snapshots) all.push_back({&snapshot, {}});
  std::sort(all.begin(), all.end(), [](const Judged& a, const Judged& b) {
    const Moment left = MomentOf(*a.snapshot);
    const Moment right = MomentOf(*b.snapshot);
    return left != right ? left > right : a.snapshot->id < b.snapshot->id;
  });
  return all;
}

void ApplyPolicy(const Retention& policy, const Zone& zone, UnixTime now, RetentionRules set,
                 std::vector<Judged>& all) {
  std::vector<Judged*> counted;
  for (Judged& judged : all) {
    if (IsQuarantined(*judged.snapshot)) {
      judged.reasons.emplace_back("quarantined");
    } else if (policy.Empty()) {
      judged.reasons.emplace_back("no rule");
    } else {
      counted.push_back(&judged);
    }
  }
  const auto latest = std::find_if(counted.begin(), counted.end(), [&](const Judged* judged) {
    return !IsFuture(*judged->snapshot, now);
  });
  Rules rules(policy, latest == counted.end() ? nullptr : (*latest)->snapshot, zone, set);
  for (Judged* judged : counted) {
    judged->reasons = rules.ReasonsFor(*judged->snapshot, judged == counted.back());
  }
}

/// Good ones: neither quarantined nor in the future. The newest stays, and at least `min_keep`.
void KeepGoodOnes(int min_keep, UnixTime now, std::vector<Judged>& all) {
  std::vector<Judged*> good;
  for (Judged& judged : all) {
    if (!IsQuarantined(*judged.snapshot) && !IsFuture(*judged.snapshot, now))
      good.push_back(&judged);
  }
  if (!good.empty() && good.front()->reasons.empty())
    good.front()->reasons.emplace_back("newest good");
  auto kept = std::count_if(good.begin(), good.end(),
                            [](const Judged* each) { return !each->reasons.empty(); });
  for (Judged* judged : good) {
    if (kept >= min_keep) return;
    if (!judged->reasons.empty()) continue;
    judged->reasons.emplace_back("min_keep");
    ++kept;
  }
}

}  // namespace

RetentionDecision Decide(const Retention& policy, std::span<const Snapshot> snapshots,
                         const Zone& zone, UnixTime now, RetentionRules rules) {
  std::vector<Judged> all = NewestFirst(snapshots);
  ApplyPolicy(policy, zone, now, rules, all);
  KeepGoodOnes(policy.min_keep, now, all);
  RetentionDecision decision;
  for (Judged& judged : all) {
    if (judged.reasons.empty()) {
      decision.remove.push_back(judged.snapshot->id);
    } else {
      decision.keep.push_back({judged.snapshot->id, std::move(judged.reasons)});
    }
  }
  return decision;
}

}  // namespace targets
