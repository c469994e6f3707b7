#include "targets/yaml/scalar.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

template <typename T>
T As(const std::string& text) {
  const ScalarValue value = ResolvePlainScalar(text);
  EXPECT_TRUE(std::holds_alternative<T>(value)) << text << " has kind " << value.index();
  const T* found = std::get_if<T>(&value);
  return found == nullptr ? T{} : *found;
}

bool IsRefused(const std::string& text) {
  return std::holds_alternative<AmbiguousScalar>(ResolvePlainScalar(text));
}

TEST(Scalar, NullHasFiveSpellings) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) As<std::nullptr_t>(text);
  EXPECT_EQ(As<std::string>("nil"), "nil");
}

TEST(Scalar, OnlyTrueAndFalseAreBooleans) {
  EXPECT_TRUE(As<bool>("true"));
  EXPECT_TRUE(As<bool>("TRUE"));
  EXPECT_FALSE(As<bool>("False"));
  for (const char* text : {"yes", "No", "on", "OFF", "y", "n", "tRue"}) As<std::string>(text);
}

TEST(Scalar, KnowsTheWordsThatOldYamlReadsAsBooleans) {
  for (const char* text : {"yes", "No", "on", "OFF"}) EXPECT_TRUE(IsOldBooleanWord(text)) << text;
  for (const char* text : {"y", "n", "oN", "true", ""})
    EXPECT_FALSE(IsOldBooleanWord(text)) << text;
}

TEST(Scalar, ReadsWholeNumbersUpToTheLimitOfSixtyFourBits) {
  EXPECT_EQ(As<std::int64_t>("0"), 0);
  EXPECT_EQ(As<std::int64_t>("-7"), -7);
  EXPECT_EQ(As<std::int64_t>("+7"), 7);
  EXPECT_EQ(As<std::int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_DOUBLE_EQ(As<double>("9223372036854775808"), 9223372036854775808.0);
  EXPECT_EQ(As<std::int64_t>("0o17"), 15);
  EXPECT_EQ(As<std::int64_t>("0xff"), 255);
}

TEST(Scalar, ReadsFractionsAndExponents) {
  EXPECT_DOUBLE_EQ(As<double>("1.5"), 1.5);
  EXPECT_DOUBLE_EQ(As<double>(".5"), 0.5);
  EXPECT_DOUBLE_EQ(As<double>("-2e3"), -2000);
  EXPECT_DOUBLE_EQ(As<double>("1."), 1);
}

TEST(Scalar, LeavesWhatOnlyLooksLikeANumberAsText) {
  for (const char* text : {"1h", "5%", "1/30", "1.2.3", "-", "+", ".", "e5", "1e", "0x", "0o8",
                           "12:30", "0x-1", "2026-11-23", "--1", "1_000"}) {
    EXPECT_EQ(As<std::string>(text), text);
  }
}

TEST(Scalar, RefusesNumbersThatYamlVersionsReadDifferently) {
  EXPECT_TRUE(IsRefused("010"));
  EXPECT_TRUE(IsRefused("-007"));
  EXPECT_TRUE(IsRefused("00.5"));
  EXPECT_FALSE(IsRefused("0"));
  EXPECT_FALSE(IsRefused("0.5"));
}

TEST(Scalar, RefusesNumbersWithoutAValue) {
  for (const char* text : {".inf", "-.INF", ".nan", "1e999"}) EXPECT_TRUE(IsRefused(text)) << text;
}

}  // namespace
}  // namespace targets
