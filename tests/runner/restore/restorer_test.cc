#include "runner/restore/restorer.h"

#include <gmock/gmock.h>

#include "tests/support/fake_restic.h"
#include "tests/support/fake_restore.h"

namespace runner {
namespace {

using testing::FakeRestic;
using ::testing::HasSubstr;

class RestorerTest : public ::testing::Test {
 protected:
  RestorerTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    files_.AddFolder("/data/photos");
    fake_restore_.AddFolder("/data");
    fake_restore_.AddFolder("/data/photos", 02770);
    fake_restore_.AddFile("/data/photos/a.jpg", "aaa");
    fake_restore_.AddFolder("/data/photos/sub");
    fake_restore_.AddFile("/data/photos/sub/b.jpg", "bb");
    order_.snapshot.id = targets::SnapshotId(testing::FullId('1'));
    order_.snapshot.paths = {"/data/photos"};
    order_.destination = "/data/photos";
  }
  Outcome<RestoreSummary> Run() { return restorer_.Run(order_, {}, stop_); }
  std::string Content(const std::string& path) {
    return files_.Read(path, 1000).value().value_or("(none)");
  }
  std::vector<std::string> Listing() { return files_.List("/data/photos", 100).value(); }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  FakeRestic fake_{processes_, clock_};
  testing::FakeRestore fake_restore_{processes_, files_};
  Restic restic_{config_, {targets::Secret("sesame"), {}, {}}, FakeRestic::kVersion, processes_};
  Restorer restorer_{files_, restic_, true};
  RestoreOrder order_;
  StopHandle stop_;
};

using Names = std::vector<std::string>;

TEST_F(RestorerTest, BringsBackEverythingAndTheFolderItself) {
  const auto done = Run();
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(done->files, 2U);
  EXPECT_EQ(done->bytes, 5U);
  EXPECT_FALSE(done->finished);
  EXPECT_EQ(Listing(), (Names{"a.jpg", "sub"}));
  EXPECT_EQ(Content("/data/photos/sub/b.jpg"), "bb");
  const FileInfo folder = files_.Stat("/data/photos", LinkHandling::kNoFollow).value().value();
  EXPECT_EQ(folder.mode, 02770U);
  EXPECT_EQ(folder.uid, 7U);
  EXPECT_EQ(folder.modified, targets::FromUnixSeconds(1'500'000'000));
}

TEST_F(RestorerTest, IsDurableAfterwards) {
  ASSERT_TRUE(Run());
  files_.CrashAndLoseUnsynced();
  EXPECT_EQ(Listing(), (Names{"a.jpg", "sub"}));
  EXPECT_EQ(Content("/data/photos/sub/b.jpg"), "bb");
}

TEST_F(RestorerTest, WorksWithoutALockAndAsTheRunnerItself) {
  config_.run_as = targets::RunAs{1000, 1000};
  ASSERT_TRUE(Run());
  const ProcessSpec restore = processes_.Launched().back();
  EXPECT_THAT(restore.argv, ::testing::Contains("--no-lock"));
  EXPECT_THAT(restore.argv, ::testing::Contains("--no-cache"));
  EXPECT_FALSE(restore.uid.has_value());
}

TEST_F(RestorerTest, PutsTheContentOfASnapshotThatWasMadeInsideTheFolderWithoutNesting) {
  fake_restore_.tree.clear();
  fake_restore_.AddFile("/a.jpg", "aaa");
  order_.snapshot.paths = {"/backup"};
  ASSERT_TRUE(Run());
  EXPECT_EQ(Listing(), Names{"a.jpg"});
}

TEST_F(RestorerTest, LandsInAnotherFolderThanItCameFrom) {
  files_.AddFolder("/elsewhere");
  order_.destination = "/elsewhere";
  ASSERT_TRUE(Run());
  EXPECT_EQ(Content("/elsewhere/a.jpg"), "aaa");
}

TEST_F(RestorerTest, WritesNothingWithoutRoom) {
  files_.SetSpace("/data", {.total = 100'000, .available = 5 * 4096 + 4});
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().cause, Cause::kDiskFull);
  EXPECT_EQ(fake_restore_.restores, 0);
  EXPECT_EQ(Listing(), Names{});
  files_.SetSpace("/data", {.total = 100'000, .available = 5 * 4096 + 5});
  EXPECT_TRUE(Run());
}

TEST_F(RestorerTest, MovesNothingIfResticFailed) {
  processes_.When(testing::HasWords({"restic", "restore"}),
                  testing::Script().Complains("Fatal: repository is gone\n").Exits(1));
  EXPECT_FALSE(Run());
  EXPECT_EQ(Listing(), Names{});
}

TEST_F(RestorerTest, NamesAFullDiskAsTheCause) {
  files_.SetTime(targets::FromUnixSeconds(1));
  processes_.When(
      testing::HasWords({"restic", "restore"}),
      testing::Script()
          .Complains("ignoring error for /data/photos/a.jpg: write: no space left on device\n"
                     "Fatal: There were 1 errors\n")
          .Exits(1));
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().cause, Cause::kDiskFull);
  EXPECT_THAT(done.error().reason, HasSubstr("/data/photos/a.jpg"));
}

TEST_F(RestorerTest, MovesNothingThatIsNotWhatTheSnapshotHolds) {
  fake_restore_.cuts = "/data/photos/sub/b.jpg";
  auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().reason, HasSubstr("b.jpg has 0 bytes instead of 2"));
  EXPECT_EQ(Listing(), Names{});
  fake_restore_.cuts.clear();
  fake_restore_.loses = "/data/photos/a.jpg";
  done = Run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().reason, HasSubstr("a.jpg is missing"));
  EXPECT_EQ(Listing(), Names{});
}

TEST_F(RestorerTest, LeavesWhatAnApplicationWroteMeanwhile) {
  files_.AddFile("/data/photos/new.db", "precious");
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().cause, Cause::kSourceInTheWay);
  EXPECT_EQ(Listing(), Names{"new.db"});
}

TEST_F(RestorerTest, StopsBeforeItMovesAnything) {
  processes_.When(testing::HasWords({"restic", "ls"}), [this](const ProcessSpec&) {
    stop_.Stop();
    return testing::Script().Exits(0);
  });
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_EQ(Listing(), Names{});
}

TEST_F(RestorerTest, MergesWithoutRemovingWhatTheSnapshotLacks) {
  files_.AddFile("/data/photos/a.jpg", "newer");
  files_.AddFile("/data/photos/mine", "mine");
  files_.AddFile("/data/photos/sub/mine", "mine");
  order_.merge = true;
  ASSERT_TRUE(Run());
  EXPECT_EQ(Content("/data/photos/a.jpg"), "aaa");
  EXPECT_EQ(Content("/data/photos/sub/b.jpg"), "bb");
  EXPECT_EQ(Content("/data/photos/mine"), "mine");
  EXPECT_EQ(Content("/data/photos/sub/mine"), "mine");
  EXPECT_EQ(Listing(), (Names{"a.jpg", "mine", "sub"}));
}

TEST_F(RestorerTest, MergesNothingIfAFolderMeetsAFile) {
  files_.AddFile("/data/photos/sub", "a file");
  order_.merge = true;
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().cause, Cause::kSourceInTheWay);
  EXPECT_EQ(Listing(), Names{"sub"});
  EXPECT_EQ(Content("/data/photos/sub"), "a file");
}

TEST_F(RestorerTest, FinishesRenamesThatHadBegunInsteadOfStartingOver) {
  files_.AddFile("/data/photos/.runner-restore-data/tree/data/photos/z.jpg", "zzz");
  ASSERT_TRUE(
      StagingFolder("/data/photos")
          .WriteJournal(
              files_,
              {RestoreJournal::Phase::kMoving, order_.snapshot.id, "/data/photos", false, {}, 0}));
  const auto done = Run();
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->finished);
  EXPECT_EQ(fake_restore_.restores, 0);
  EXPECT_EQ(Listing(), Names{"z.jpg"});
}

TEST_F(RestorerTest, ThrowsAwayWhatHadMovedNothingYet) {
  files_.AddFile("/data/photos/.runner-restore-data/tree/data/photos/half.jpg", "ha");
  ASSERT_TRUE(
      StagingFolder("/data/photos")
          .WriteJournal(
              files_,
              {RestoreJournal::Phase::kStaging, order_.snapshot.id, "/data/photos", false, {}, 0}));
  ASSERT_TRUE(Run());
  EXPECT_EQ(Listing(), (Names{"a.jpg", "sub"}));
}

TEST_F(RestorerTest, TouchesNothingIfItsJournalIsDamaged) {
  files_.AddFile("/data/photos/.runner-restore-data/journal", "{");
  files_.AddFile("/data/photos/.runner-restore-data/tree/data/photos/z.jpg", "zzz");
  const auto done = Run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().reason, HasSubstr("is damaged"));
  EXPECT_EQ(Content("/data/photos/.runner-restore-data/tree/data/photos/z.jpg"), "zzz");
}

TEST_F(RestorerTest, FinishNeedsSomethingToFinish) {
  EXPECT_FALSE(restorer_.Finish("/data/photos", false));
}

}  // namespace
}  // namespace runner
