#include "tests/integration/random_retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "targets/retention/within.h"

namespace targets {
namespace {

/// Spans that policies and histories share, so that many snapshots lie right at the end of a span.
constexpr const char* kSpans[] = {"1m",   "6m",      "1y",  "2d",    "30d",
                                  "1y6m", "100d12h", "48h", "11m5d", "3m2d5h"};

/// The distance to the next older snapshot, in one of the rhythms that real histories have.
Duration Step(Random& random, int rhythm) {
  constexpr int kHour = 3600;
  switch (rhythm) {
    case 0:
      return Duration{24 * kHour};
    case 1:
      return Duration{kHour};
    case 2:
      return Duration{Pick(random, 1, 3 * kHour)};
    case 3:
      return Duration{Pick(random, 1, 9 * 24) * kHour};
    case 4:
      return Duration{Pick(random, 20, 400) * 24 * kHour + Pick(random, -kHour, kHour)};
    default:
      return Duration{Pick(random, 1, 40 * 24 * kHour)};
  }
}

int OffsetFor(Random& random, const Zone& zone, UnixTime time) {
  if (Chance(random, 85)) return static_cast<int>(zone.OffsetAt(time).count());
  return Pick(random, -20, 20) * 1800;
}

std::vector<std::string> RandomTags(Random& random) {
  std::vector<std::string> tags;
  for (const char* tag : {"a", "b", "c"}) {
    if (Chance(random, 20)) tags.emplace_back(tag);
  }
  return tags;
}

/// Adds snapshots around the ends of spans before the newest one.
void AddAtTheEndsOfSpans(Random& random, const Zone& zone, std::vector<Snapshot>& history) {
  constexpr int kDistances[] = {-3600, -1800, -1, 0, 0, 0, 1, 1800, 3600};
  const Snapshot newest = history.front();
  std::set<UnixTime> taken;
  for (const Snapshot& snapshot : history) taken.insert(snapshot.time);
  for (const char* text : kSpans) {
    const Within span = *ParseWithin(text);
    const UnixTime end = Chance(random, 50)
                             ? MoveBack(newest.time, span, zone)
                             : MoveBack(newest.time, span, Duration{newest.utc_offset});
    Snapshot snapshot = newest;
    snapshot.time = end + Duration{PickOne(random, kDistances)};
    snapshot.utc_offset = OffsetFor(random, zone, snapshot.time);
    if (taken.insert(snapshot.time).second) history.push_back(snapshot);
  }
}

std::string RandomWithin(Random& random) {
  if (Chance(random, 60)) return PickOne(random, kSpans);
  std::string text;
  if (Chance(random, 30)) text += fmt::format("{}y", Pick(random, 1, 6));
  if (Chance(random, 50)) text += fmt::format("{}m", Pick(random, 1, 30));
  if (Chance(random, 50)) text += fmt::format("{}d", Pick(random, 1, 400));
  if (text.empty() || Chance(random, 30)) text += fmt::format("{}h", Pick(random, 1, 2000));
  return text;
}

int RandomCount(Random& random, int percent, RetentionRules rules) {
  if (!Chance(random, percent)) return 0;
  if (rules == RetentionRules::kWithOldestRule && Chance(random, 10)) return Retention::kUnlimited;
  return Pick(random, 1, 12);
}

}  // namespace

int Pick(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

bool Chance(Random& random, int percent) { return Pick(random, 1, 100) <= percent; }

std::vector<Snapshot> RandomHistory(Random& random, const std::string& host,
                                    const std::string& zone_name, UnixTime now) {
  const Zone zone = *Zone::Load(zone_name);
  const int rhythm = Pick(random, 0, 5);
  UnixTime time = now - std::chrono::days{Pick(random, 2, 2000)};
  if (Chance(random, 10)) time = now + std::chrono::days{Pick(random, 1, 40)};
  if (Chance(random, 20))
    time = std::chrono::floor<std::chrono::days>(time) - Duration{Pick(random, -2, 2)};
  std::vector<Snapshot> history(static_cast<std::size_t>(Pick(random, 1, 30)));
  for (Snapshot& snapshot : history) {
    // restic asks its own clock a little later: nothing may become the past in between.
    if (time >= now && time - now < std::chrono::minutes{10}) time = now - Duration{1};
    snapshot.time = time;
    snapshot.nanoseconds = Chance(random, 50) ? 0 : Pick(random, 0, 999'999'999);
    snapshot.utc_offset = OffsetFor(random, zone, time);
    snapshot.hostname = host;
    snapshot.paths = {"/data"};
    snapshot.tags = RandomTags(random);
    time -= std::max(Duration{1}, Step(random, rhythm));
    if (Chance(random, 5)) time -= Step(random, 5);
  }
  if (Chance(random, 50)) AddAtTheEndsOfSpans(random, zone, history);
  return history;
}

Retention RandomPolicy(Random& random, RetentionRules rules) {
  Retention policy;
  policy.min_keep = 0;
  const int percent = Pick(random, 5, 60);
  for (int Retention::*count : {&Retention::last, &Retention::hourly, &Retention::daily,
                                &Retention::weekly, &Retention::monthly, &Retention::yearly}) {
    policy.*count = RandomCount(random, percent, rules);
  }
  for (std::string Retention::*within :
       {&Retention::within, &Retention::within_hourly, &Retention::within_daily,
        &Retention::within_weekly, &Retention::within_monthly, &Retention::within_yearly}) {
    if (Chance(random, percent / 2)) policy.*within = RandomWithin(random);
  }
  constexpr const char* kTagLists[] = {"a", "b", "a,b", "c", "b,c", ""};
  for (int i = 0; i < 2; ++i) {
    if (Chance(random, 8)) policy.keep_tags.emplace_back(PickOne(random, kTagLists));
  }
  Retention without_tags = policy;
  without_tags.keep_tags.clear();
  // restic does nothing at all without a rule; from 0.17 on it refuses to remove a whole history,
  // as tags alone may do.
  if (policy.Empty() || (rules == RetentionRules::kWithOldestRule && without_tags.Empty()))
    policy.last = 1;
  return policy;
}

}  // namespace targets
