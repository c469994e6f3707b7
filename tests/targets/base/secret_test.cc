#include "targets/base/secret.h"

#include <gtest/gtest.h>

#include <sstream>

namespace targets {
namespace {

TEST(Secret, PrintsAsStars) {
  std::ostringstream out;
  out << Secret("hunter2") << Secret();
  EXPECT_EQ(out.str(), "******");
  EXPECT_EQ(::testing::PrintToString(Secret("hunter2")), "***");
}

TEST(Secret, ComparesByValue) {
  EXPECT_EQ(Secret("a"), Secret("a"));
  EXPECT_NE(Secret("a"), Secret("b"));
  EXPECT_TRUE(Secret().Empty());
  EXPECT_EQ(Secret("a").Expose(), "a");
}

}  // namespace
}  // namespace targets
