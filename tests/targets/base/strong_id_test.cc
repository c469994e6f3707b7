#include "targets/base/strong_id.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace targets {
namespace {

TEST(StrongId, IsNotInterchangeableWithOtherKinds) {
  static_assert(!std::is_convertible_v<std::string, TargetId>);
  static_assert(!std::is_convertible_v<TargetId, SnapshotId>);
  static_assert(!std::is_constructible_v<SnapshotId, TargetId>);
  EXPECT_EQ(TargetId("photos").str(), "photos");
}

TEST(StrongId, OrdersAndHashesByItsText) {
  EXPECT_LT(TargetId("a"), TargetId("b"));
  EXPECT_TRUE(TargetId().empty());
  const std::unordered_set<TargetId> ids = {TargetId("a"), TargetId("a"), TargetId("b")};
  EXPECT_EQ(ids.size(), 2U);
}

}  // namespace
}  // namespace targets
