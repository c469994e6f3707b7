#include "targets/plan/costs.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

class CostsTest : public ::testing::Test {
 protected:
  CostsTest() {
    config_.repository.url = "b2:bucket:path";
    config_.timezone = "UTC";
  }

  Target& Add(const std::string& id, const std::string& cron) {
    Target target;
    target.id = TargetId(id);
    target.source = DirectorySource{"/data/" + id};
    target.schedule = Schedule{CronTiming{cron}, "UTC"};
    target.retention.daily = 7;
    config_.targets.push_back(target);
    return config_.targets.back();
  }
  CostEstimate Estimate(std::optional<Bytes> stored = {}) {
    return EstimateCosts(config_, at_, stored).value().value();
  }
  double ClassC() { return Estimate().class_c; }

  Config config_;
  UnixTime at_ = ParseRfc3339("2026-11-23T00:00:00Z").value();
};

TEST_F(CostsTest, AreOnlyEstimatedAtBackblaze) {
  Add("a", "0 2 * * *");
  EXPECT_TRUE(EstimateCosts(config_, at_, {}).value().has_value());
  config_.repository.url = "s3:https://s3.eu-central-003.backblazeb2.com/bucket/path";
  EXPECT_TRUE(EstimateCosts(config_, at_, {}).value().has_value());
  for (const char* url : {"/srv/repo", "s3:https://s3.amazonaws.com/bucket", "rclone:b2:bucket"}) {
    config_.repository.url = url;
    EXPECT_FALSE(EstimateCosts(config_, at_, {}).value().has_value()) << url;
  }
}

/// A month: 30 questions whether B2 answers, 30 backups of 7 calls, 30 listings of 4 that prove
/// them, 30 forgets of 6 and as many listings that prove those.
TEST_F(CostsTest, CountTheCommandsOfAMonth) {
  Add("a", "0 2 * * *");
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (1 + 7 + 4 + 6 + 4));
  EXPECT_DOUBLE_EQ(Estimate().class_b, 30 * (7 + 6 + 8 + 6));
  config_.targets.front().retention = Retention{};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (1 + 7 + 4)) << "nothing is ever forgotten";
  config_.targets.front().enabled = false;
  EXPECT_DOUBLE_EQ(ClassC(), 0);
}

TEST_F(CostsTest, AWaveSharesItsListingsUnlessJitterPartsIt) {
  Add("a", "0 2 * * *");
  Add("b", "0 2 * * *");
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (1 + 2 * 7 + 4 + 6 + 4));
  for (Target& target : config_.targets) target.schedule.jitter = Duration{600};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * 2 * (1 + 7 + 4 + 6 + 4));
}

TEST_F(CostsTest, CountFrequentSchedulesByTheirRate) {
  Add("a", "* * * * *").retention = Retention{};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * 24 * (60 * (7 + 4) + 4)) << "it asks four times an hour";
  config_.targets.front().schedule.timing = IntervalTiming{Duration{30}};
  EXPECT_NEAR(ClassC(), 30 * 24 * (120 * (7 + 4) + 4), 30 * 24 * 120 * 0.01);
  config_.targets.front().schedule.timing = ManualTiming{};
  EXPECT_DOUBLE_EQ(ClassC(), 0);
}

TEST_F(CostsTest, IncludeDrillsAndTheRepositorysOwnJobs) {
  const Schedule daily{CronTiming{"0 5 * * *"}, "UTC"};
  config_.maintenance.probe = ProbeJob{daily};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (3 + 2));
  config_.maintenance.prune = PruneJob{daily, "5%", {}};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (3 + 2 + 4 + 8));
  config_.maintenance.check = CheckJob{daily};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (3 + 2 + 4 + 8 + 4 + 8 + 5));
  config_.maintenance = {};
  config_.maintenance.probe = ProbeJob{Schedule{IntervalTiming{Duration{3600}}, "UTC"}};
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (24 * 3 + 2)) << "about the key it asks twice a day at most";
  config_.maintenance = {};
  Target& target = Add("a", "0 2 * * *");
  target.schedule.timing = ManualTiming{};
  target.drill.emplace().schedule = daily;
  EXPECT_DOUBLE_EQ(ClassC(), 30 * (4 + 5 + 5));
}

TEST_F(CostsTest, ArePaidBeyondWhatIsFree) {
  Add("a", "* * * * *").retention = Retention{};
  const CostEstimate estimate = Estimate(2'000'000'000'000);
  EXPECT_DOUBLE_EQ(estimate.class_c, 478'080);
  EXPECT_DOUBLE_EQ(estimate.class_b, 561'600);
  EXPECT_NEAR(estimate.calls_price,
              (478'080 - 75'000) * 0.004 / 1000 + (561'600 - 75'000) * 0.004 / 10'000, 1e-9);
  EXPECT_DOUBLE_EQ(estimate.storage_price, 12);
  EXPECT_EQ(
      DescribeCosts(estimate),
      "about 561600 class B and 478080 class C calls a month, 1.81 USD; 1.8 TiB stored, 12.00 "
      "USD a month; an estimate with repository.prices, without retries, restores and downloads");
  config_.repository.prices = {
      .currency = "EUR", .class_b = 0, .class_c = 0, .free_calls = 0, .storage = 5};
  EXPECT_EQ(Estimate(1'000'000'000'000).storage_price, 5);
  EXPECT_EQ(Estimate().calls_price, 0);
}

}  // namespace
}  // namespace targets
