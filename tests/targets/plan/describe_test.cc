#include "targets/plan/describe.h"

#include <gtest/gtest.h>

#include "tests/targets/plan/sample.h"

namespace targets {
namespace {

std::string Restore(const Target& target, const TargetFacts& facts) {
  return DescribeRestore(target, facts, SampleTime(), Zone());
}

Target Restorable() {
  Target target = Folder("photos");
  target.restore.if_empty = true;
  return target;
}

TargetFacts EmptyWith(RepositoryAnswer answer) {
  TargetFacts facts;
  facts.state = SourceState::kEmpty;
  facts.newest = std::move(answer);
  return facts;
}

SnapshotFound FoundAt(const std::string& time) {
  return SnapshotFound{SnapshotId(std::string(64, 'a')), At(time)};
}

TEST(DescribeSchedule, SaysHowOftenAndWhatIsUnusual) {
  Schedule schedule = Cron("30 2 * * *");
  EXPECT_EQ(DescribeSchedule(schedule), "30 2 * * *");
  schedule.jitter = Duration{600};
  schedule.catch_up = CatchUp::kSkip;
  EXPECT_EQ(DescribeSchedule(schedule), "30 2 * * *, jitter up to 10m, missed runs are skipped");
  EXPECT_EQ(DescribeSchedule(Every(Duration{6 * 3600})), "every 6h");
  EXPECT_EQ(DescribeSchedule(ByHand()), "only by hand");
}

TEST(DescribeRetention, NamesEachRuleThatIsOn) {
  Retention retention;
  retention.last = 1;
  retention.daily = 7;
  retention.yearly = Retention::kUnlimited;
  retention.within = "30d";
  retention.within_weekly = "1y";
  retention.keep_tags = {"gold"};
  EXPECT_EQ(DescribeRetention(retention),
            "1 last, 7 daily, every yearly, all within 30d, weekly within 1y, tagged gold");
  retention.min_keep = 3;
  EXPECT_TRUE(DescribeRetention(retention).ends_with(", never fewer than 3 good ones"));
}

TEST(DescribeRetention, SaysThatAnEmptyPolicyKeepsEverything) {
  Retention retention;
  retention.min_keep = 5;
  EXPECT_EQ(DescribeRetention(retention), "everything, for ever");
}

TEST(DescribePreview, IsEmptyWhileNothingIsKnown) {
  TargetFacts facts;
  EXPECT_EQ(DescribePreview(facts), "");
  facts.snapshots = 1;
  EXPECT_EQ(DescribePreview(facts), "now: 1 snapshot");
  facts.retention = RetentionDecision{};
  facts.retention->keep.resize(2);
  EXPECT_EQ(DescribePreview(facts), "now: keeps 2 of 2 snapshots");
}

TEST(DescribeSource, QuotesACommandAsAShellWouldNeedIt) {
  EXPECT_EQ(DescribeSource(CommandSource{{"pg_dump", "my db"}, "db.sql"}), "pg_dump 'my db'");
  EXPECT_EQ(DescribeSource(DirectorySource{"/my data"}), "/my data");
}

TEST(DescribeGuards, HasOneTextForEachGuard) {
  Guards guards;
  EXPECT_TRUE(DescribeGuards(guards).empty());
  guards = Guards{true, ".volume-id", true, 0.5, 0.125};
  EXPECT_EQ(
      DescribeGuards(guards),
      (std::vector<std::string>{"must be a mount point", ".volume-id must exist", "may be empty",
                                "may shrink by 50 %", "may change in 12.5 % of its files"}));
}

TEST(DescribeRestore, NeverHappensByItselfUnlessDeclared) {
  Target target = Folder("photos");
  EXPECT_EQ(Restore(target, EmptyWith(FoundAt("2026-11-22T00:00:00Z"))),
            "never by itself: restore_if_empty is off");
  target.restore.if_empty = true;
  target.source = CommandSource{{"true"}, "a"};
  EXPECT_EQ(Restore(target, TargetFacts{}), "never by itself: the source is a command");
}

TEST(DescribeRestore, ExplainsWhyASourceThatIsNotEmptyIsLeftAlone) {
  TargetFacts facts;
  EXPECT_EQ(Restore(Restorable(), facts), "only if the source is empty");
  facts.state = SourceState::kHasData;
  EXPECT_EQ(Restore(Restorable(), facts), "only if empty; source has data: nothing to restore");
  facts.state = SourceState::kUnreadable;
  EXPECT_EQ(Restore(Restorable(), facts),
            "source is unreadable, which is not empty: nothing is restored");
}

TEST(DescribeRestore, NamesTheSnapshotThatAnEmptySourceWouldGet) {
  EXPECT_EQ(Restore(Restorable(), EmptyWith(FoundAt("2026-11-22T02:30:00Z"))),
            "source is empty: would restore snapshot aaaaaaaa of Sun 2026-11-22 02:30 UTC");
}

TEST(DescribeRestore, RestoresASnapshotOfExactlyTheMaximumAgeAndNoOlderOne) {
  Target target = Restorable();
  target.restore.max_age = Duration{86400};
  EXPECT_EQ(Restore(target, EmptyWith(FoundAt("2026-11-21T22:18:00Z"))),
            "source is empty: would restore snapshot aaaaaaaa of Sat 2026-11-21 22:18 UTC");
  EXPECT_EQ(Restore(target, EmptyWith(FoundAt("2026-11-21T22:17:59Z"))),
            "source is empty, but snapshot aaaaaaaa of Sat 2026-11-21 22:17 UTC is older than 1d: "
            "not restored by itself");
}

TEST(DescribeRestore, TellsProvenNoneFromUnknown) {
  Target target = Restorable();
  EXPECT_EQ(Restore(target, EmptyWith(ProvenNone{})),
            "source is empty and no snapshot exists: nothing to restore");
  EXPECT_EQ(Restore(target, EmptyWith(AnswerUnknown{"network is down"})),
            "BLOCKED: source is empty and the repository's answer is unknown (network is down): "
            "no restore, no backup");
  target.restore.on_missing = OnMissing::kFail;
  EXPECT_EQ(Restore(target, EmptyWith(ProvenNone{})),
            "source is empty and no snapshot exists: a failure (on_missing: fail)");
}

TEST(SourceWarnings, SayWhatABackupWouldDoNow) {
  Target target = Folder("photos");
  TargetFacts facts;
  EXPECT_TRUE(SourceWarnings(target, facts).empty());
  facts.state = SourceState::kHasData;
  EXPECT_TRUE(SourceWarnings(target, facts).empty());
  facts.state = SourceState::kEmpty;
  EXPECT_EQ(SourceWarnings(target, facts),
            std::vector<std::string>{
                "source is empty: it would not be backed up (guard.allow_empty lifts that)"});
  target.guard.allow_empty = true;
  EXPECT_TRUE(SourceWarnings(target, facts).empty());
  facts.state = SourceState::kUnreadable;
  facts.state_detail = "permission denied";
  EXPECT_EQ(SourceWarnings(target, facts),
            std::vector<std::string>{"permission denied: a backup would "
                                     "fail; check owner and mode"});
}

TEST(SourceStateName, IsTheWordOfTheJson) {
  EXPECT_EQ(SourceStateName(SourceState::kNotChecked), "not_checked");
  EXPECT_EQ(SourceStateName(SourceState::kMissing), "missing");
  EXPECT_EQ(SourceStateName(SourceState::kUnreadable), "unreadable");
  EXPECT_EQ(SourceStateName(SourceState::kEmpty), "empty");
  EXPECT_EQ(SourceStateName(SourceState::kHasData), "has_data");
}

}  // namespace
}  // namespace targets
