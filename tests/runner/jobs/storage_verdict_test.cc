#include "runner/jobs/storage_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::B2Finding;
using targets::B2Level;
using targets::B2Topic;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Failure Failing(Cause cause) { return {cause, "so it is", "do this", {}}; }

TEST(StorageVerdict, IsNothingIfAllIsWell) {
  EXPECT_EQ(JudgeStorage({.findings = {{B2Level::kOk, B2Topic::kKey, "fine", ""},
                                       {B2Level::kNote, B2Topic::kBucket, "new", "wait"}},
                          .asked = true}),
            StorageVerdict{});
}

TEST(StorageVerdict, FailsWithTheFirstErrorAndCountsTheOthers) {
  const B2Finding first{B2Level::kError, B2Topic::kCapability, "lacks it", "make another"};
  const B2Finding second{B2Level::kError, B2Topic::kBucket, "gone", "correct it"};
  EXPECT_EQ(JudgeStorage({.findings = {second}}).failure,
            (Failure{Cause::kBucketAbsent, "gone", "correct it", {}}));
  EXPECT_EQ(
      JudgeStorage({.findings = {first, second}}).failure,
      (Failure{
          Cause::kKeyRefused, "lacks it (and 1 more: see `runner doctor`)", "make another", {}}));
}

TEST(StorageVerdict, GivesEachKindOfErrorItsCause) {
  const auto cause = [](B2Topic topic) {
    return JudgeStorage({.findings = {{B2Level::kError, topic, "x", "y"}}}).failure->cause;
  };
  EXPECT_EQ(cause(B2Topic::kKey), Cause::kKeyRefused);
  EXPECT_EQ(cause(B2Topic::kExpiry), Cause::kKeyRefused);
  EXPECT_EQ(cause(B2Topic::kCapability), Cause::kKeyRefused);
  EXPECT_EQ(cause(B2Topic::kBucket), Cause::kBucketAbsent);
  EXPECT_EQ(cause(B2Topic::kSettings), Cause::kUnknown);
}

TEST(StorageVerdict, WarnsOfTheExpiryEachTimeAndTellsTheRestOnce) {
  B2Look look{.findings = {{B2Level::kWarning, B2Topic::kExpiry, "expires", "make another"},
                           {B2Level::kWarning, B2Topic::kSettings, "no rule", "add one"}},
              .asked = true};
  StorageVerdict verdict = JudgeStorage(look);
  EXPECT_EQ(verdict.failure, std::nullopt);
  EXPECT_EQ(verdict.warning, (Failure{Cause::kKeyRefused, "expires", "make another", {}}));
  EXPECT_THAT(verdict.remarks, ElementsAre("no rule; do: add one"));
  look.asked = false;
  verdict = JudgeStorage(look);
  EXPECT_TRUE(verdict.warning);
  EXPECT_THAT(verdict.remarks, IsEmpty());
}

TEST(StorageVerdict, BelievesAProviderThatRefuses) {
  for (const Cause cause : {Cause::kKeyRefused, Cause::kCapExceeded})
    EXPECT_EQ(JudgeStorage({.failure = Failing(cause)}).failure, Failing(cause));
}

TEST(StorageVerdict, OnlyRemarksThatTheProviderCannotBeAsked) {
  for (const Cause cause : {Cause::kNetwork, Cause::kUnknown}) {
    const StorageVerdict verdict = JudgeStorage({.failure = Failing(cause)});
    EXPECT_EQ(verdict.failure, std::nullopt);
    EXPECT_THAT(verdict.remarks, ElementsAre("so it is"));
  }
  EXPECT_EQ(JudgeStorage({.failure = Failing(Cause::kInterrupted)}), StorageVerdict{});
}

TEST(StorageVerdict, ExplainsWhatResticCannotSay) {
  const Failure restic{Cause::kStalled, "it was stopped", "wait", {}};
  EXPECT_EQ(
      Explained(restic, {Cause::kKeyRefused, "the key expired", "make another", {}}),
      (Failure{Cause::kKeyRefused, "the key expired; restic: it was stopped", "make another", {}}));
}

}  // namespace
}  // namespace runner
