#include "targets/base/size.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(Size, ReadsBinaryAndDecimalUnits) {
  EXPECT_EQ(ParseSize("4096"), 4096U);
  EXPECT_EQ(ParseSize("1B"), 1U);
  EXPECT_EQ(ParseSize("10GiB"), 10ULL << 30U);
  EXPECT_EQ(ParseSize("10G"), 10ULL << 30U);
  EXPECT_EQ(ParseSize("10GB"), 10'000'000'000ULL);
  EXPECT_EQ(ParseSize("500 mb"), 500'000'000ULL);
  EXPECT_EQ(ParseSize("1.5KiB"), 1536U);
  EXPECT_EQ(ParseSize("2T"), 2ULL << 40U);
}

TEST(Size, RefusesEverythingElse) {
  for (const char* text :
       {"", "GiB", "-1", "1.", ".5", "1..5", "1.5.5", "1 GiB x", "10 gigs", "1e3", " 1", "1P"}) {
    EXPECT_FALSE(ParseSize(text)) << text;
  }
}

TEST(Size, HasAnUpperLimit) {
  EXPECT_TRUE(ParseSize("8000000TB"));
  EXPECT_FALSE(ParseSize("9000001TB"));
  EXPECT_FALSE(ParseSize("99999999999999999999999999"));
}

TEST(Size, ARateMayEndInPerSecond) {
  EXPECT_EQ(ParseRate("5MiB/s"), 5ULL << 20U);
  EXPECT_EQ(ParseRate("5MiB"), 5ULL << 20U);
  EXPECT_FALSE(ParseRate("5MiB/m"));
  EXPECT_FALSE(ParseRate("/s"));
}

TEST(Size, FormatsForPeople) {
  EXPECT_EQ(FormatSize(0), "0 B");
  EXPECT_EQ(FormatSize(1023), "1023 B");
  EXPECT_EQ(FormatSize(1024), "1.0 KiB");
  EXPECT_EQ(FormatSize(1536ULL << 20U), "1.5 GiB");
  EXPECT_EQ(FormatSize(5000ULL << 40U), "5000.0 TiB");
}

}  // namespace
}  // namespace targets
