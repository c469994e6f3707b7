// What every HistoryStore promises, on the real one and on the one of the tests.
#include "tests/runner/history/history_fixture.h"
#include "tests/support/memory_history.h"

namespace runner {
namespace {

template <typename Store>
class HistoryContract : public HistoryFixture {
 protected:
  HistoryContract() {
    if constexpr (std::is_same_v<Store, SqliteHistory>) {
      store_ = OpenAnother();
    } else {
      store_ = std::make_unique<Store>();
    }
  }

  std::int64_t Append(const RunRecord& run) { return store_->Append(run).value().id; }

  static std::vector<std::int64_t> IdsOf(const targets::Result<std::vector<RunRecord>>& runs) {
    std::vector<std::int64_t> ids;
    for (const RunRecord& run : runs.value()) ids.push_back(run.id);
    return ids;
  }

  std::unique_ptr<HistoryStore> store_;
};

using Stores = ::testing::Types<SqliteHistory, testing::MemoryHistory>;
TYPED_TEST_SUITE(HistoryContract, Stores);

TYPED_TEST(HistoryContract, IsEmptyAtFirst) {
  EXPECT_EQ(this->store_->Select({}).value(), HistoryPage{});
  EXPECT_EQ(this->store_->Find(1).value(), std::nullopt);
  EXPECT_TRUE(this->store_->Newest(NewestOf::kAll).value().empty());
  EXPECT_EQ(this->store_->Trim(targets::FromUnixSeconds(0)).value(), 0U);
}

TYPED_TEST(HistoryContract, GivesBackWhatWasAppended) {
  RunRecord full = FullRun();
  full.id = this->Append(full);
  EXPECT_EQ(this->store_->Find(full.id).value(), full);
}

TYPED_TEST(HistoryContract, KeepsWhatIsNotKnownUnknown) {
  RunRecord bare;
  bare.stage = targets::Stage::kProbe;
  bare.outcome = "interrupted";
  bare.id = this->Append(bare);
  EXPECT_EQ(this->store_->Find(bare.id).value(), bare);
}

TYPED_TEST(HistoryContract, SelectsByTargetStageAndTime) {
  this->Append(RunOf("photos", 100));
  this->Append(RunOf("mail", 200));
  RunRecord forget = RunOf("photos", 300);
  forget.stage = targets::Stage::kForget;
  this->Append(forget);
  RunRecord prune = RunOf("", 400);
  prune.stage = targets::Stage::kPrune;
  this->Append(prune);

  const auto select = [&](HistoryQuery query) {
    return this->TargetsOf(this->store_->Select(query));
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(select({}), (Names{"photos", "mail", "photos", ""}));
  EXPECT_EQ(select({.target = targets::TargetId("photos")}), (Names{"photos", "photos"}));
  EXPECT_EQ(select({.target = targets::TargetId()}), Names{""});
  EXPECT_EQ(select({.target = targets::TargetId("photos"), .stage = targets::Stage::kForget}),
            Names{"photos"});
  EXPECT_EQ(select({.since = targets::FromUnixSeconds(200)}), (Names{"mail", "photos", ""}));
  EXPECT_EQ(select({.since = targets::FromUnixSeconds(201)}), (Names{"photos", ""}));
  EXPECT_EQ(select({.target = targets::TargetId("photos' OR '1'='1")}), Names{});
}

TYPED_TEST(HistoryContract, GivesTheNewestOldestFirstAndSaysHowManyThereAre) {
  for (const char* name : {"a", "b", "c"}) this->Append(RunOf(name, 100));
  const auto page = this->store_->Select({.limit = 2});
  EXPECT_EQ(this->TargetsOf(page), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(page.value().matching, 3U);
}

TYPED_TEST(HistoryContract, KnowsTheNewestRunOfEachStage) {
  this->Append(RunOf("photos", 100));
  const std::int64_t mail = this->Append(RunOf("mail", 200));
  const std::int64_t photos = this->Append(RunOf("photos", 300));
  RunRecord forget = RunOf("photos", 250);
  forget.stage = targets::Stage::kForget;
  const std::int64_t forgotten = this->Append(forget);
  RunRecord prune = RunOf("", 260);
  prune.stage = targets::Stage::kPrune;
  const std::int64_t pruned = this->Append(prune);
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(this->IdsOf(this->store_->Newest(NewestOf::kAll)),
            (Ids{pruned, mail, photos, forgotten}));
}

TYPED_TEST(HistoryContract, KnowsTheNewestRunsThatHaveASnapshot) {
  RunRecord run = RunOf("photos", 100);
  run.snapshot = targets::SnapshotId(std::string(64, 'a'));
  this->Append(run);
  const std::int64_t second = this->Append(run);
  run.snapshot = {};
  run.outcome = "failed";
  this->Append(run);
  this->Append(RunOf("mail", 200));
  EXPECT_EQ(this->IdsOf(this->store_->Newest(NewestOf::kWithSnapshot)),
            std::vector<std::int64_t>{second});
}

TYPED_TEST(HistoryContract, OutlinesWhatCameSince) {
  const std::int64_t old = this->Append(RunOf("photos", 99));
  RunRecord sized = RunOf("photos", 100);
  sized.outcome = "incomplete";
  sized.figures.bytes_total = 5'000'000'000'000;
  const std::int64_t first = this->Append(sized);
  const std::int64_t second = this->Append(RunOf("mail", 50));
  const std::int64_t third = this->Append(RunOf("mail", 101));
  RunRecord prune = RunOf("", 400);
  prune.stage = targets::Stage::kPrune;
  const std::int64_t newest = this->Append(prune);

  const RunOutline photos{first, targets::TargetId("photos"), targets::FromUnixSeconds(100),
                          "incomplete", 5'000'000'000'000};
  const RunOutline mail{
      third, targets::TargetId("mail"), targets::FromUnixSeconds(101), "success", {}};
  const targets::UnixTime since = targets::FromUnixSeconds(100);
  using Outlines = std::vector<RunOutline>;
  const auto outline = [&](OutlineQuery query) { return this->store_->Outline(query).value(); };
  EXPECT_EQ(outline({.since = since}).runs, (Outlines{photos, mail}));
  EXPECT_EQ(outline({.since = since, .after = old}).runs, (Outlines{photos, mail}));
  EXPECT_EQ(outline({.since = since, .after = second}).runs, Outlines{mail});
  EXPECT_EQ(outline({.since = since, .after = newest}).runs, Outlines{});
  EXPECT_EQ(outline({.since = since, .limit = 1}).runs, Outlines{photos});
  EXPECT_EQ(outline({.since = since}).newest, newest);
  EXPECT_EQ(this->store_->Outline({.after = 7}).value().newest, newest);
}

TYPED_TEST(HistoryContract, TrimsWhatStartedBefore) {
  this->Append(RunOf("old", 99));
  this->Append(RunOf("new", 100));
  EXPECT_EQ(this->store_->Trim(targets::FromUnixSeconds(100)).value(), 1U);
  EXPECT_EQ(this->TargetsOf(this->store_->Select({})), std::vector<std::string>{"new"});
}

TYPED_TEST(HistoryContract, NeverGivesAnIdTwice) {
  this->Append(RunOf("a", 100));
  const std::int64_t last = this->Append(RunOf("b", 100));
  EXPECT_EQ(this->store_->Trim(targets::FromUnixSeconds(200)).value(), 2U);
  EXPECT_EQ(this->Append(RunOf("c", 300)), last + 1);
}

}  // namespace
}  // namespace runner
