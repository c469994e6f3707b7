#include "targets/restore/choose.h"

#include <gtest/gtest.h>

#include "targets/model/target.h"

namespace targets {
namespace {

const UnixTime kNow = FromUnixSeconds(1'800'000'000);

Snapshot Make(const std::string& id, Duration age, std::vector<std::string> tags = {}) {
  Snapshot snapshot;
  snapshot.id = SnapshotId(id);
  snapshot.time = kNow - age;
  snapshot.tags = std::move(tags);
  return snapshot;
}

std::string IdOf(const Snapshot* snapshot) {
  return snapshot == nullptr ? "(none)" : snapshot->id.str();
}

TEST(NewestGood, IsTheYoungest) {
  EXPECT_EQ(IdOf(NewestGood(
                {Make("a", Duration{20}), Make("b", Duration{10}), Make("c", Duration{30})}, kNow)),
            "b");
  EXPECT_EQ(IdOf(NewestGood({}, kNow)), "(none)");
}

TEST(NewestGood, IsNeverAQuarantinedOne) {
  EXPECT_EQ(
      IdOf(NewestGood({Make("a", Duration{20}), Make("b", Duration{10}, {kQuarantineTag})}, kNow)),
      "a");
}

TEST(NewestGood, IsNeverFromTheFutureButForgivesClocksThatDifferALittle) {
  EXPECT_EQ(IdOf(NewestGood({Make("a", Duration{20}), Make("b", -kClockTolerance)}, kNow)), "b");
  EXPECT_EQ(
      IdOf(NewestGood({Make("a", Duration{20}), Make("b", -kClockTolerance - Duration{1})}, kNow)),
      "a");
}

TEST(NewestGood, OfOneSecondIsTheLaterOneThenTheOneWithTheGreaterId) {
  Snapshot late = Make("a", Duration{10});
  late.nanoseconds = 5;
  EXPECT_EQ(IdOf(NewestGood({late, Make("b", Duration{10}), Make("c", Duration{10})}, kNow)), "a");
  EXPECT_EQ(IdOf(NewestGood({Make("c", Duration{10}), Make("b", Duration{10})}, kNow)), "c");
}

TEST(NewestGoodUntil, IsNotYoungerThanThatMoment) {
  const std::vector<Snapshot> all = {Make("a", Duration{20}), Make("b", Duration{10})};
  EXPECT_EQ(IdOf(NewestGoodUntil(all, kNow - Duration{10})), "b");
  EXPECT_EQ(IdOf(NewestGoodUntil(all, kNow - Duration{11})), "a");
  EXPECT_EQ(IdOf(NewestGoodUntil(all, kNow - Duration{21})), "(none)");
}

TEST(FindByPrefix, FindsOneAndNamesTheProblemOfNoneAndOfSeveral) {
  const std::vector<Snapshot> all = {Make("abc", Duration{20}),
                                     Make("abd", Duration{10}, {kQuarantineTag})};
  EXPECT_EQ(IdOf(FindByPrefix(all, "abd").snapshot), "abd") << "a quarantined one may be named";
  EXPECT_NE(FindByPrefix(all, "ab").problem.find("several"), std::string::npos);
  EXPECT_NE(FindByPrefix(all, "x").problem.find("no snapshot"), std::string::npos);
  EXPECT_EQ(FindByPrefix(all, "").snapshot, nullptr);
}

}  // namespace
}  // namespace targets
