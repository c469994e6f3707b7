#include "runner/state/marker_store.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::Stage;
using targets::TargetId;
using testing::MemoryFileSystem;

const MarkerKey kPhotos{TargetId("photos"), Stage::kBackup};
const MarkerKey kPrune{{}, Stage::kPrune};

Marker Running(long long time) {
  return Marker{
      .status = MarkerStatus::kRunning, .time = FromUnixSeconds(time), .reason = "", .details = {}};
}
Marker Failed(long long time, std::string reason) {
  return Marker{.status = MarkerStatus::kFailed,
                .time = FromUnixSeconds(time),
                .reason = std::move(reason),
                .details = {}};
}

class MarkerStoreTest : public ::testing::Test {
 protected:
  std::string Content(const std::string& path) {
    return files_.Read(path, kSmallFileLimit).value().value_or("(absent)");
  }

  MemoryFileSystem files_;
  targets::Redactor redactor_;
  MarkerStore store_{files_, redactor_, StateFolder(files_, "/state")};
};

TEST_F(MarkerStoreTest, MarkersLieWhereUsersLookForThem) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(1728412800, "wrong password")));
  ASSERT_TRUE(store_.Write(kPrune, Failed(1728412801, "locked")));
  ASSERT_TRUE(store_.WriteSuccess({TargetId("photos"), Stage::kForget}, FromUnixSeconds(5)));
  EXPECT_EQ(Content("/state/targets/photos/backup_status"), "FAILED\n1728412800\nwrong password\n");
  EXPECT_EQ(Content("/state/repository/prune_status"), "FAILED\n1728412801\nlocked\n");
  EXPECT_EQ(Content("/state/targets/photos/forget_status"), "SUCCESS\n5\n\n");
  EXPECT_EQ(Content("/state/targets/photos/last_forget_success"), "5\n");
}

TEST_F(MarkerStoreTest, ReadsBackWhatItWrote) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(7, "wrong password")));
  EXPECT_EQ(store_.Read(kPhotos).value(), Failed(7, "wrong password"));
  EXPECT_EQ(store_.Read(kPrune).value(), std::nullopt);
  EXPECT_EQ(store_.LastSuccess(kPhotos).value(), std::nullopt);
}

TEST_F(MarkerStoreTest, RemovingAMarkerKeepsTheTimeOfTheLastSuccess) {
  ASSERT_TRUE(store_.WriteSuccess(kPhotos, FromUnixSeconds(5)));
  ASSERT_TRUE(store_.Remove(kPhotos));
  EXPECT_EQ(store_.Read(kPhotos).value(), std::nullopt);
  EXPECT_EQ(store_.LastSuccess(kPhotos).value(), FromUnixSeconds(5));
}

TEST_F(MarkerStoreTest, AFailureDoesNotTouchTheTimeOfTheLastSuccess) {
  ASSERT_TRUE(store_.WriteSuccess(kPhotos, FromUnixSeconds(5)));
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, "x")));
  EXPECT_EQ(store_.LastSuccess(kPhotos).value(), FromUnixSeconds(5));
}

TEST_F(MarkerStoreTest, AMarkerThatCannotBeReadIsAnErrorNotAnAbsence) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, "x")));
  files_.SetUnreadable("/state/targets/photos", true);
  EXPECT_FALSE(store_.Read(kPhotos));
  EXPECT_FALSE(store_.LastSuccess(kPhotos));
}

TEST_F(MarkerStoreTest, SecretsNeverReachADisk) {
  redactor_.Add(targets::Secret("hunter2hunter2"));
  Marker marker = Failed(9, "cannot open rest:https://me:pw@host/ with hunter2hunter2");
  marker.details[marker_key::kHint] = "do not use hunter2hunter2";
  ASSERT_TRUE(store_.Write(kPhotos, marker));
  EXPECT_EQ(Content("/state/targets/photos/backup_status"),
            "FAILED\n9\ncannot open rest:https://me:***@host/ with ***\nhint: do not use ***\n");
}

TEST_F(MarkerStoreTest, ASecretIsRemovedBeforeALongReasonIsCut) {
  redactor_.Add(targets::Secret("hunter2hunter2"));
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, std::string(490, 'x') + "hunter2hunter2")));
  EXPECT_EQ(Content("/state/targets/photos/backup_status").find("hunter"), std::string::npos);
}

TEST_F(MarkerStoreTest, ARunningMarkerRemembersTheFailureBeforeIt) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, "wrong password")));
  ASSERT_TRUE(store_.Write(kPhotos, Running(20)));
  ASSERT_TRUE(store_.Write(kPhotos, Running(21)));  // a second try after a crash
  const Marker marker = store_.Read(kPhotos).value().value();
  EXPECT_EQ(marker.time, FromUnixSeconds(21));
  EXPECT_EQ(PreviousFailure(marker), Failed(9, "wrong password"));
}

TEST_F(MarkerStoreTest, ASuccessForgetsTheFailureBeforeIt) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, "wrong password")));
  ASSERT_TRUE(store_.WriteSuccess(kPhotos, FromUnixSeconds(20)));
  ASSERT_TRUE(store_.Write(kPhotos, Running(30)));
  EXPECT_EQ(PreviousFailure(store_.Read(kPhotos).value().value()), std::nullopt);
}

TEST_F(MarkerStoreTest, AFailureWrittenByHandIsRememberedToo) {
  ASSERT_TRUE(StateFolder(files_, "/state").PrepareTarget(TargetId("photos")));
  files_.AddFile("/state/targets/photos/backup_status", "blocked");
  ASSERT_TRUE(store_.Write(kPhotos, Running(20)));
  const Marker failure = PreviousFailure(store_.Read(kPhotos).value().value()).value();
  EXPECT_EQ(failure.status, MarkerStatus::kBlocked);
  EXPECT_EQ(failure.time, std::nullopt);
}

TEST_F(MarkerStoreTest, AFullDiskLeavesTheOldMarkerAndNoRubbish) {
  ASSERT_TRUE(store_.Write(kPhotos, Failed(9, "x")));
  const std::vector<std::string> before = files_.Tree();
  files_.SetFull(true);
  EXPECT_FALSE(store_.Write(kPhotos, Running(20)));
  EXPECT_EQ(store_.Read(kPhotos).value(), Failed(9, "x"));
  EXPECT_EQ(files_.Tree(), before);
}

/// What is on the disk after a stop at each step of `operation`, for a power cut and for a kill.
template <typename Check>
void AfterEveryCrash(const std::function<void(const MarkerStore&)>& prepare,
                     const std::function<void(const MarkerStore&)>& operation, const Check& check) {
  for (const auto crash :
       {&MemoryFileSystem::CrashAndLoseUnsynced, &MemoryFileSystem::CrashAndKeepUnsynced}) {
    for (int step = 1;; ++step) {
      MemoryFileSystem files;
      const targets::Redactor redactor;
      const MarkerStore store(files, redactor, StateFolder(files, "/state"));
      prepare(store);
      files.StopBeforeStep(step);
      operation(store);
      const bool stopped = files.Stopped();
      (files.*crash)();
      SCOPED_TRACE(step);
      check(store.Read(kPhotos).value(), store.LastSuccess(kPhotos).value());
      if (!stopped) break;
      // The next run must be able to write again.
      EXPECT_TRUE(store.Write(kPhotos, Running(1000)));
    }
  }
}

TEST(MarkerStoreCrash, ASuccessIsSeenOnlyTogetherWithItsTime) {
  int successes = 0;
  AfterEveryCrash(
      [](const MarkerStore& store) { ASSERT_TRUE(store.Write(kPhotos, Running(10))); },
      [](const MarkerStore& store) { (void)store.WriteSuccess(kPhotos, FromUnixSeconds(20)); },
      [&](const std::optional<Marker>& marker, std::optional<targets::UnixTime> last) {
        ASSERT_TRUE(marker.has_value());
        if (marker->status == MarkerStatus::kSuccess) {
          ++successes;
          EXPECT_EQ(last, FromUnixSeconds(20));
        } else {
          EXPECT_EQ(*marker, Running(10));
          EXPECT_TRUE(!last.has_value() || last == FromUnixSeconds(20));
        }
      });
  EXPECT_GE(successes, 2);
}

TEST(MarkerStoreCrash, AMarkerIsTheOldOrTheNewOneWhole) {
  AfterEveryCrash(
      [](const MarkerStore& store) {
        ASSERT_TRUE(store.WriteSuccess(kPhotos, FromUnixSeconds(1)));
      },
      [](const MarkerStore& store) { (void)store.Write(kPhotos, Failed(20, "new")); },
      [](const std::optional<Marker>& marker, std::optional<targets::UnixTime> last) {
        ASSERT_TRUE(marker.has_value());
        EXPECT_TRUE(*marker == Failed(20, "new") || marker->status == MarkerStatus::kSuccess);
        EXPECT_EQ(last, FromUnixSeconds(1));
      });
}

TEST(MarkerStoreCrash, TheFirstMarkerOfATargetIsThereOrNot) {
  AfterEveryCrash([](const MarkerStore&) {},
                  [](const MarkerStore& store) { (void)store.Write(kPhotos, Failed(20, "new")); },
                  [](const std::optional<Marker>& marker, std::optional<targets::UnixTime> last) {
                    EXPECT_TRUE(!marker.has_value() || *marker == Failed(20, "new"));
                    EXPECT_EQ(last, std::nullopt);
                  });
}

TEST(MarkerStoreCrash, ARemovedMarkerIsTheOldOneOrGone) {
  AfterEveryCrash(
      [](const MarkerStore& store) { ASSERT_TRUE(store.Write(kPhotos, Failed(20, "old"))); },
      [](const MarkerStore& store) { (void)store.Remove(kPhotos); },
      [](const std::optional<Marker>& marker, std::optional<targets::UnixTime>) {
        EXPECT_TRUE(!marker.has_value() || *marker == Failed(20, "old"));
      });
}

TEST(MarkerStoreCrash, AFailureIsRememberedThroughACrashAtTheNextStart) {
  AfterEveryCrash(
      [](const MarkerStore& store) { ASSERT_TRUE(store.Write(kPhotos, Failed(20, "old"))); },
      [](const MarkerStore& store) { (void)store.Write(kPhotos, Running(30)); },
      [](const std::optional<Marker>& marker, std::optional<targets::UnixTime>) {
        ASSERT_TRUE(marker.has_value());
        EXPECT_TRUE(*marker == Failed(20, "old") || PreviousFailure(*marker) == Failed(20, "old"));
      });
}

}  // namespace
}  // namespace runner
