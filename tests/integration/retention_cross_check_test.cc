// Compares Decide() with the real `restic forget --dry-run` on random histories, zones and
// policies. Any difference is a bug. RESTIC_BIN names the program (default: restic), RESTIC_BIN_NEW
// a second one; RUNNER_TEST_LONG=1 takes minutes.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "targets/base/text.h"
#include "targets/retention/decide.h"
#include "targets/retention/within.h"
#include "tests/integration/forged_repository.h"

namespace targets {
namespace {

using Random = std::mt19937;
using Ids = std::set<std::string>;
using Histories = std::map<std::string, std::vector<Snapshot>>;  // by host name

constexpr const char* kZones[] = {
    "UTC",          "Europe/Berlin",       "America/New_York", "Europe/London",
    "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana",   "Pacific/Apia",
    "Africa/Cairo", "America/St_Johns",    "Asia/Tokyo",       "America/Santiago"};

/// Spans that policies and histories share, so that many snapshots lie right at the end of a span.
constexpr const char* kSpans[] = {"1m",   "6m",      "1y",  "2d",    "30d",
                                  "1y6m", "100d12h", "48h", "11m5d", "3m2d5h"};

int Pick(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}
bool Chance(Random& random, int percent) { return Pick(random, 1, 100) <= percent; }

template <typename Container>
const auto& PickOne(Random& random, const Container& values) {
  return values[static_cast<std::size_t>(Pick(random, 0, static_cast<int>(std::size(values)) - 1))];
}

UnixTime Now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What a command writes to standard output; empty if it failed.
std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string out;
  std::array<char, 65536> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), n);
  }
  return pclose(pipe) == 0 ? out : "";
}

/// A restic program and the rule set that its version has.
struct Program {
  std::string path;
  bool modern = false;  // 0.16 or newer
};

/// "restic 0.14.0 compiled with ..." tells whether the oldest rule is there.
Program Inspect(const std::string& path) {
  const std::string version = OutputOf(ShellQuote(path) + " version 2>/dev/null");
  int major = 0;
  int minor = 0;
  if (std::sscanf(version.c_str(), "restic %d.%d", &major, &minor) != 2) return {};
  return {path, major > 0 || minor >= 16};
}

// ---- random histories

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

/// As Go writes it: "Z" for the offset zero.
std::string StoredTime(const Snapshot& snapshot) {
  std::string text = FormatRfc3339(snapshot.time + Duration{snapshot.utc_offset});
  text.pop_back();
  if (snapshot.nanoseconds != 0) text += fmt::format(".{:09}", snapshot.nanoseconds);
  if (snapshot.utc_offset == 0) return text + "Z";
  const int minutes = std::abs(snapshot.utc_offset) / 60;
  return text + fmt::format("{}{:02}:{:02}", snapshot.utc_offset < 0 ? '-' : '+', minutes / 60,
                            minutes % 60);
}

std::vector<Snapshot> Stored(ForgedRepository& repository, std::vector<Snapshot> history) {
  for (Snapshot& snapshot : history) {
    snapshot.id = SnapshotId(
        repository.Add({StoredTime(snapshot), snapshot.hostname, snapshot.paths, snapshot.tags}));
  }
  return history;
}

/// A snapshot of every half hour around the end of `span` before `newest`, all made in `zone`.
std::vector<Snapshot> HalfHoursAroundTheEnd(const Zone& zone, UnixTime newest,
                                            const std::string& span, const std::string& host) {
  std::vector<UnixTime> times = {newest};
  const UnixTime end = MoveBack(newest, *ParseWithin(span), zone);
  for (int i = -6; i <= 6; ++i) times.push_back(end + std::chrono::minutes{30 * i});
  std::vector<Snapshot> history;
  for (const UnixTime time : times) {
    Snapshot snapshot;
    snapshot.time = time;
    snapshot.utc_offset = static_cast<int>(zone.OffsetAt(time).count());
    snapshot.hostname = host;
    snapshot.paths = {"/data"};
    history.push_back(snapshot);
  }
  return history;
}

Histories FillRepository(Random& random, ForgedRepository& repository, int hosts,
                         const std::vector<std::string>& zones, UnixTime now) {
  Histories histories;
  for (int i = 0; i < hosts; ++i) {
    const std::string host = "host" + std::to_string(i);
    std::vector<Snapshot> history =
        Stored(repository, RandomHistory(random, host, PickOne(random, zones), now));
    std::shuffle(history.begin(), history.end(), random);
    histories.emplace(host, std::move(history));
  }
  return histories;
}

// ---- random policies

std::string RandomWithin(Random& random) {
  if (Chance(random, 60)) return PickOne(random, kSpans);
  std::string text;
  if (Chance(random, 30)) text += fmt::format("{}y", Pick(random, 1, 6));
  if (Chance(random, 50)) text += fmt::format("{}m", Pick(random, 1, 30));
  if (Chance(random, 50)) text += fmt::format("{}d", Pick(random, 1, 400));
  if (text.empty() || Chance(random, 30)) text += fmt::format("{}h", Pick(random, 1, 2000));
  return text;
}

int RandomCount(Random& random, int percent, const Program& program) {
  if (!Chance(random, percent)) return 0;
  if (program.modern && Chance(random, 10)) return Retention::kUnlimited;
  return Pick(random, 1, 12);
}

Retention RandomPolicy(Random& random, const Program& program) {
  Retention policy;
  policy.min_keep = 0;
  const int percent = Pick(random, 5, 60);
  for (int Retention::*count : {&Retention::last, &Retention::hourly, &Retention::daily,
                                &Retention::weekly, &Retention::monthly, &Retention::yearly}) {
    policy.*count = RandomCount(random, percent, program);
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
  if (policy.Empty() || (program.modern && without_tags.Empty())) policy.last = 1;
  return policy;
}

std::string FlagsOf(const Retention& policy) {
  std::string flags;
  const auto add = [&](const char* name, const std::string& value) {
    flags += fmt::format(" --keep-{} {}", name, ShellQuote(value));
  };
  const auto add_count = [&](const char* name, int count) {
    if (count != 0) add(name, count == Retention::kUnlimited ? "unlimited" : std::to_string(count));
  };
  const auto add_within = [&](const char* name, const std::string& within) {
    if (!within.empty()) add(name, within);
  };
  add_count("last", policy.last);
  add_count("hourly", policy.hourly);
  add_count("daily", policy.daily);
  add_count("weekly", policy.weekly);
  add_count("monthly", policy.monthly);
  add_count("yearly", policy.yearly);
  add_within("within", policy.within);
  add_within("within-hourly", policy.within_hourly);
  add_within("within-daily", policy.within_daily);
  add_within("within-weekly", policy.within_weekly);
  add_within("within-monthly", policy.within_monthly);
  add_within("within-yearly", policy.within_yearly);
  for (const std::string& tags : policy.keep_tags) add("tag", tags);
  return flags;
}

// ---- the two answers

struct Answer {
  Ids keep;
  Ids remove;
  bool operator==(const Answer&) const = default;
};

Ids IdsOf(const rapidjson::Value& snapshots) {
  Ids ids;
  if (!snapshots.IsArray()) return ids;  // null: none
  for (const auto& snapshot : snapshots.GetArray()) ids.insert(snapshot["id"].GetString());
  return ids;
}

std::map<std::string, Answer> AskRestic(const Program& program, const ForgedRepository& repository,
                                        const Retention& policy, const std::string& zone) {
  const std::string command = fmt::format(
      "TZ={} RESTIC_PASSWORD={} {} -r {} --no-cache forget --dry-run --no-lock --json --group-by "
      "host{}",
      ShellQuote(zone), ForgedRepository::kPassword, ShellQuote(program.path),
      ShellQuote(repository.folder()), FlagsOf(policy));
  rapidjson::Document groups;
  groups.Parse(OutputOf(command));
  std::map<std::string, Answer> answers;
  if (!groups.IsArray()) return answers;
  for (const auto& group : groups.GetArray()) {
    answers[group["host"].GetString()] = {IdsOf(group["keep"]), IdsOf(group["remove"])};
  }
  return answers;
}

/// What the rules alone keep, without what Decide adds for safety.
Answer AskDecide(const RetentionDecision& decision) {
  Answer answer;
  for (const Kept& kept : decision.keep) {
    const bool for_safety = kept.reasons == std::vector<std::string>{"newest good"};
    (for_safety ? answer.remove : answer.keep).insert(kept.id.str());
  }
  for (const SnapshotId& id : decision.remove) answer.remove.insert(id.str());
  return answer;
}

class RetentionCrossCheck : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "retention-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Compares every history of a fresh repository under `policies` policies; returns how many
  /// decisions that were.
  std::size_t Compare(Random& random, const Program& program, int hosts, int policies) {
    const std::string place = (folder_ / "repository").string();
    std::filesystem::remove_all(place);
    ForgedRepository repository(place);
    std::vector<std::string> zones;
    for (int i = 0; i < 3; ++i) zones.emplace_back(PickOne(random, kZones));
    const Histories histories = FillRepository(random, repository, hosts, zones, Now());
    std::size_t compared = 0;
    for (int i = 0; i < policies; ++i) {
      const std::string zone =
          Chance(random, 70) ? PickOne(random, zones) : PickOne(random, kZones);
      ComparePolicy(program, repository, histories, RandomPolicy(random, program), zone);
      compared += histories.size();
    }
    return compared;
  }

  /// Newest snapshots from which a span leads back to within two hours of a clock change, or over
  /// it.
  void CompareAtClockChanges(const Program& program, const std::string& zone_name,
                             const std::string& span) {
    const Zone zone = *Zone::Load(zone_name);
    const std::string place = (folder_ / "changes").string();
    std::filesystem::remove_all(place);
    ForgedRepository repository(place);
    Histories histories;
    UnixTime at = *ParseRfc3339("2022-01-01T00:00:00Z");
    for (int i = 0; i < 4; ++i) {
      at = zone.NextChange(at)->at;
      Within forwards = *ParseWithin(span);
      for (int Within::*part : {&Within::years, &Within::months, &Within::days, &Within::hours}) {
        forwards.*part = -(forwards.*part);
      }
      for (int minutes = -120; minutes <= 120; minutes += 15) {
        const UnixTime newest = MoveBack(at + std::chrono::minutes{minutes}, forwards, zone);
        const std::string host = fmt::format("change{}-{}", i, minutes + 120);
        histories.emplace(host,
                          Stored(repository, HalfHoursAroundTheEnd(zone, newest, span, host)));
      }
    }
    Retention policy;
    policy.min_keep = 0;
    policy.within = span;
    ComparePolicy(program, repository, histories, policy, zone_name);
  }

  void RunAll(const Program& program, unsigned seed) {
    for (const char* zone :
         {"Europe/London", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
      for (const char* span : {"6m", "30d", "1y"}) CompareAtClockChanges(program, zone, span);
    }
    Random random(seed);
    const int rounds = Variable("RUNNER_TEST_LONG").empty() ? 3 : 100;
    std::size_t compared = 0;
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
      compared += Compare(random, program, 40, 25);
    }
    if (!HasFailure()) {
      EXPECT_EQ(compared, static_cast<std::size_t>(rounds) * 40 * 25);
    }
  }

 private:
  static void ComparePolicy(const Program& program, const ForgedRepository& repository,
                            const Histories& histories, const Retention& policy,
                            const std::string& zone) {
    SCOPED_TRACE(program.path + " TZ=" + zone + FlagsOf(policy));
    const auto rules =
        program.modern ? RetentionRules::kWithOldestRule : RetentionRules::kBeforeOldestRule;
    const std::map<std::string, Answer> answers = AskRestic(program, repository, policy, zone);
    ASSERT_EQ(answers.size(), histories.size());
    for (const auto& [host, history] : histories) {
      const RetentionDecision decision = Decide(policy, history, *Zone::Load(zone), Now(), rules);
      const Answer ours = AskDecide(decision);
      const Answer& theirs = answers.at(host);
      EXPECT_EQ(ours.keep, theirs.keep) << host;
      EXPECT_EQ(ours.remove, theirs.remove) << host;
    }
  }

  std::filesystem::path folder_;
};

TEST_F(RetentionCrossCheck, AgreesWithTheInstalledRestic) {
  const std::string path = Variable("RESTIC_BIN").empty() ? "restic" : Variable("RESTIC_BIN");
  const Program program = Inspect(path);
  ASSERT_FALSE(program.path.empty()) << path << " does not run";
  RunAll(program, 20261123);
}

TEST_F(RetentionCrossCheck, AgreesWithANewerRestic) {
  const std::string path = Variable("RESTIC_BIN_NEW");
  if (path.empty()) GTEST_SKIP() << "RESTIC_BIN_NEW names no second restic program";
  const Program program = Inspect(path);
  ASSERT_FALSE(program.path.empty()) << path << " does not run";
  RunAll(program, 20261124);
}

}  // namespace
}  // namespace targets
