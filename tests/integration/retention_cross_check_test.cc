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
#include <set>
#include <string>
#include <vector>

#include "targets/base/text.h"
#include "targets/retention/decide.h"
#include "targets/retention/within.h"
#include "tests/integration/forged_repository.h"
#include "tests/integration/random_retention.h"

namespace targets {
namespace {

using Ids = std::set<std::string>;
using Histories = std::map<std::string, std::vector<Snapshot>>;  // by host name

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
  RetentionRules rules = RetentionRules::kBeforeOldestRule;
};

/// "restic 0.14.0 compiled with ..." tells whether the oldest rule is there.
Program Inspect(const std::string& path) {
  const std::string version = OutputOf(ShellQuote(path) + " version 2>/dev/null");
  int major = 0;
  int minor = 0;
  if (std::sscanf(version.c_str(), "restic %d.%d", &major, &minor) != 2) return {};
  const bool modern = major > 0 || minor >= 16;
  return {path, modern ? RetentionRules::kWithOldestRule : RetentionRules::kBeforeOldestRule};
}

// ---- repositories

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

// ---- the two answers

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
      ComparePolicy(program, repository, histories, RandomPolicy(random, program.rules), zone);
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
      for (int minutes = -120; minutes <= 120; minutes += 30) {
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
    for (const char* zone : {"Europe/London", "America/New_York", "Australia/Lord_Howe"}) {
      for (const char* span : {"6m", "30d"}) CompareAtClockChanges(program, zone, span);
    }
    Random random(seed);
    const int rounds = Variable("RUNNER_TEST_LONG").empty() ? 2 : 100;
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
    const std::map<std::string, Answer> answers = AskRestic(program, repository, policy, zone);
    ASSERT_EQ(answers.size(), histories.size());
    for (const auto& [host, history] : histories) {
      const RetentionDecision decision =
          Decide(policy, history, *Zone::Load(zone), Now(), program.rules);
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
