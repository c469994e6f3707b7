#include "tests/support/b2_server/faults.h"

#include <gtest/gtest.h>

#include "tests/support/b2_server/json_text.h"

namespace runner::testing::b2 {
namespace {

TEST(Faults, StrikeAsOftenAsTold) {
  Faults faults;
  faults.Add({.api = "b2_upload_file", .count = 2});
  EXPECT_TRUE(faults.Take("b2_upload_file", "a"));
  EXPECT_TRUE(faults.Take("b2_upload_file", "b"));
  EXPECT_FALSE(faults.Take("b2_upload_file", "c"));
}

TEST(Faults, LetSomeRequestsPassFirst) {
  Faults faults;
  faults.Add({.skip = 2, .count = 1});
  EXPECT_FALSE(faults.Take("b2_list_buckets", ""));
  EXPECT_FALSE(faults.Take("b2_list_buckets", ""));
  EXPECT_TRUE(faults.Take("b2_list_buckets", ""));
  EXPECT_FALSE(faults.Take("b2_list_buckets", ""));
}

TEST(Faults, StrikeForEverUntilTheyAreCleared) {
  Faults faults;
  faults.Add({.count = -1});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(faults.Take("b2_list_buckets", ""));
  faults.Clear();
  EXPECT_FALSE(faults.Take("b2_list_buckets", ""));
}

TEST(Faults, MatchTheWholeCallAndAnyPartOfTheName) {
  Faults faults;
  faults.Add({.api = "b2_upload_(file|part)", .name = "/data/", .count = -1});
  EXPECT_TRUE(faults.Take("b2_upload_part", "r/data/ab"));
  EXPECT_FALSE(faults.Take("b2_upload_part", "r/locks/ab"));
  EXPECT_FALSE(faults.Take("b2_upload", "r/data/ab"));
  EXPECT_FALSE(faults.Take("b2_get_upload_url", "r/data/ab"));
}

TEST(Faults, TheOldestMatchingRuleStrikesFirst) {
  Faults faults;
  faults.Add({.status = 503, .count = 1});
  faults.Add({.status = 429, .count = 1});
  EXPECT_EQ(faults.Take("b2_list_buckets", "")->status, 503);
  EXPECT_EQ(faults.Take("b2_list_buckets", "")->status, 429);
}

TEST(Faults, SayWhatB2SaysUnlessToldOtherwise) {
  const Fields usual(ErrorBody({.status = 503}));
  EXPECT_EQ(usual.Number("status"), 503);
  EXPECT_EQ(usual.Text("code"), "service_unavailable");
  EXPECT_EQ(usual.Text("message"), "c002_v0001111_t0059 is too busy");
  const Fields own(ErrorBody({.status = 403, .code = "download_cap_exceeded", .message = "cap"}));
  EXPECT_EQ(own.Text("code"), "download_cap_exceeded");
  EXPECT_EQ(own.Text("message"), "cap");
  EXPECT_EQ(ErrorBody({.status = 200, .body = "<html>"}), "<html>");
}

}  // namespace
}  // namespace runner::testing::b2
