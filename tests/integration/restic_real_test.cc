// The Restic class against the real program, in every release that is at hand: the one in PATH and
// the one that RESTIC_BIN_NEW names (tools/newest-restic.sh prints it).
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include "runner/base/clock.h"
#include "runner/process/posix_process_runner.h"
#include "runner/restic/restic.h"
#include "targets/restic/capabilities.h"

namespace runner {
namespace {

namespace fs = std::filesystem;
using Kind = BackupOutcome::Kind;
using targets::Feature;
using targets::Has;
using targets::SnapshotId;

PosixProcessRunner& Processes() {
  static SystemClock clock;
  static PosixProcessRunner processes(clock);
  return processes;
}

struct Release {
  const char* name;
  std::string program;  // empty: not at hand
  std::string why;      // then the reason
};

Release Newest() {
  const char* path = std::getenv("RESTIC_BIN_NEW");
  if (path != nullptr && *path != '\0') return {"Newest", path, ""};
  return {"Newest", "",
          "RESTIC_BIN_NEW is not set; RESTIC_BIN_NEW=$(tools/newest-restic.sh) tests the newest "
          "restic too"};
}

class ResticReal : public ::testing::TestWithParam<Release> {
 protected:
  void SetUp() override {
    if (GetParam().program.empty()) GTEST_SKIP() << GetParam().why;
    const auto version = Restic::DetectVersion(Processes(), GetParam().program);
    ASSERT_TRUE(version.has_value()) << version.error().message << "; " << version.error().hint;
    version_ = *version;
    std::cout << "tested with restic " << targets::FormatResticVersion(version_) << '\n';
    std::string pattern = (fs::temp_directory_path() / "restic-real-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "source" / "deep");
    Write(folder_ / "source" / "a.txt", "first");
    Write(folder_ / "source" / "deep" / "b.txt", "second");
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = (folder_ / "repository").string();
    config_.repository.retry_lock = targets::Duration{0};
    config_.state_dir = (folder_ / "state").string();
    fs::create_directories(config_.state_dir);
    target_.id = targets::TargetId("docs");
    target_.source = targets::DirectorySource{(folder_ / "source").string()};
  }

  void TearDown() override {
    if (folder_.empty()) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_directory())
        fs::permissions(entry.path(), fs::perms::owner_all, fs::perm_options::add);
    }
    fs::remove_all(folder_);
  }

  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  Restic Make(const std::string& password = "sesame") {
    return {
        config_, {targets::Secret(password), {}, {}}, version_, Processes(), GetParam().program};
  }

  void InitRepository() {
    const auto id = Make().Init(stop_);
    ASSERT_TRUE(id.has_value()) << id.error().reason;
  }

  BackupOutcome Backup() { return Make().BackupDirectory(target_, nullptr, stop_); }

  std::vector<targets::Snapshot> List() {
    auto snapshots = Make().Snapshots(std::nullopt, stop_);
    EXPECT_TRUE(snapshots.has_value()) << snapshots.error().reason;
    return snapshots.value_or(std::vector<targets::Snapshot>{});
  }

  BackupOutcome Stream(targets::Argv command) {
    target_.source = targets::CommandSource{command, "app.sql"};
    ProcessSpec producer;
    producer.argv = std::move(command);
    return Make().BackupStream(target_, producer, nullptr, stop_);
  }

  [[nodiscard]] std::size_t FilesIn(const char* name) const {
    const fs::path path = folder_ / "repository" / name;
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path)) ++count;
    return count;
  }

  targets::ResticVersion version_;
  fs::path folder_;
  targets::Config config_;
  targets::Target target_;
  StopHandle stop_;
};

INSTANTIATE_TEST_SUITE_P(Of, ResticReal,
                         ::testing::Values(Release{"Installed", "restic", ""}, Newest()),
                         [](const auto& release) { return std::string(release.param.name); });

TEST_P(ResticReal, MakesARepositoryOnlyWhereThereIsNone) {
  EXPECT_TRUE(std::holds_alternative<RepositoryMissing>(Make().Probe(stop_)));
  const auto id = Make().Init(stop_);
  ASSERT_TRUE(id.has_value()) << id.error().reason;
  const RepositoryState state = Make().Probe(stop_);
  ASSERT_TRUE(std::holds_alternative<RepositoryFound>(state));
  EXPECT_EQ(std::get<RepositoryFound>(state).id, *id);
  const auto again = Make().Init(stop_);
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().reason.find("config file already exists"), std::string::npos)
      << again.error().reason;
}

TEST_P(ResticReal, TakesAnUnreadableRepositoryForUnknown) {
  if (geteuid() == 0) {
    // Root reads everything; a file in the way gives the same kind of answer, but new releases
    // retry it for minutes.
    if (Has(version_, Feature::kExitCodeNoRepository))
      GTEST_SKIP() << "needs a user other than root";
    Write(folder_ / "repository", "in the way");
  } else {
    InitRepository();
    fs::permissions(folder_ / "repository", fs::perms::none);
  }
  EXPECT_TRUE(std::holds_alternative<RepositoryUnknown>(Make().Probe(stop_)));
}

TEST_P(ResticReal, BacksADirectoryUpUnderItsIdentity) {
  InitRepository();
  fs::create_directories(folder_ / "source" / ".runner-restore-1");
  Write(folder_ / "source" / ".runner-restore-1" / "half.txt", "half");
  target_.exclude = {"*.tmp"};
  Write(folder_ / "source" / "c.tmp", "scratch");
  const BackupOutcome outcome = Backup();
  ASSERT_EQ(outcome.kind, Kind::kComplete) << outcome.failure->reason;
  EXPECT_EQ(outcome.summary.total_files, 2U) << "neither our own folder nor what is excluded";
  const auto snapshots = List();
  ASSERT_EQ(snapshots.size(), 1U);
  const targets::Snapshot& snapshot = snapshots.front();
  EXPECT_TRUE(snapshot.id.str().starts_with(outcome.summary.snapshot_id));
  EXPECT_EQ(outcome.summary.snapshot_id.size(),
            Has(version_, Feature::kFullSnapshotIdInSummary) ? 64U : 8U);
  EXPECT_EQ(snapshot.hostname, "server1");
  EXPECT_TRUE(snapshot.HasTag("target:docs"));
  EXPECT_EQ(snapshot.paths, std::vector<std::string>{(folder_ / "source").string()});
  const BackupOutcome second = Backup();
  EXPECT_EQ(second.summary.files_unmodified, 2U) << "the first snapshot is the parent";
}

TEST_P(ResticReal, ListsUnreadableFiles) {
  InitRepository();
  // Root reads files of every mode, but nobody reads the memory of a process from its start.
  if (geteuid() == 0) {
    const std::string file = "/proc/self/mem";
    fs::remove_all(folder_ / "source");
    target_.source = targets::DirectorySource{file};
  } else {
    fs::permissions(folder_ / "source" / "a.txt", fs::perms::none);
  }
  const BackupOutcome outcome = Backup();
  ASSERT_EQ(outcome.kind, Kind::kIncomplete) << outcome.stderr_tail;
  EXPECT_EQ(outcome.failure->cause, Cause::kIncomplete);
  EXPECT_EQ(outcome.unreadable_count, 1U);
  EXPECT_FALSE(outcome.unreadable.front().path.empty());
}

TEST_P(ResticReal, SaysThatTheSourceIsMissing) {
  InitRepository();
  fs::remove_all(folder_ / "source");
  const BackupOutcome outcome = Backup();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->cause, Cause::kSourceMissing) << outcome.failure->reason;
  EXPECT_TRUE(List().empty());
}

TEST_P(ResticReal, SavesAStream) {
  InitRepository();
  const BackupOutcome outcome = Stream({"sh", "-c", "echo data; sleep 0.3; echo more"});
  ASSERT_EQ(outcome.kind, Kind::kComplete) << outcome.failure->reason;
  EXPECT_EQ(outcome.summary.total_bytes, 10U);
  ASSERT_EQ(List().size(), 1U);
  EXPECT_EQ(List().front().paths, std::vector<std::string>{"/app.sql"});
}

TEST_P(ResticReal, LeavesNoSnapshotAndNoLockOfAFailedStream) {
  InitRepository();
  const auto start = std::chrono::steady_clock::now();
  const BackupOutcome outcome = Stream({"sh", "-c", "echo half; sleep 2; echo oops >&2; exit 4"});
  // Far from the 60 seconds after which a child that ignores SIGINT gets the next signal.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(40));
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->reason, "the command sh ended with exit code 4: oops");
  EXPECT_EQ(outcome.summary.snapshot_id, "");
  EXPECT_TRUE(List().empty());
  EXPECT_EQ(FilesIn("locks"), 0U);
}

TEST_P(ResticReal, DoesNotCallAnEmptyStreamASuccess) {
  InitRepository();
  const BackupOutcome outcome = Stream({"true"});
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  // New releases save a snapshot of nothing: it is named, so that it can be removed.
  const std::vector<targets::Snapshot> made = List();
  EXPECT_EQ(outcome.summary.snapshot_id, made.empty() ? "" : made.front().id.str());
  EXPECT_LE(made.size(), 1U);
}

TEST_P(ResticReal, KnowsAWrongPassword) {
  InitRepository();
  Restic restic = Make("wrong");
  const RepositoryState state = restic.Probe(stop_);
  ASSERT_TRUE(std::holds_alternative<RepositoryUnknown>(state));
  EXPECT_EQ(std::get<RepositoryUnknown>(state).failure.cause, Cause::kWrongPassword);
  EXPECT_EQ(restic.BackupDirectory(target_, nullptr, stop_).failure->cause, Cause::kWrongPassword);
  EXPECT_EQ(restic.Snapshots(std::nullopt, stop_).error().cause, Cause::kWrongPassword);
  EXPECT_EQ(restic.Prune({}, stop_).error().cause, Cause::kWrongPassword);
}

TEST_P(ResticReal, NamesTheHolderOfALock) {
  InitRepository();
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  const std::vector<SnapshotId> ids = {List().front().id};
  StopHandle holder_stop;
  BackupOutcome held;
  std::thread holder([this, &holder_stop, &held] {
    targets::Target stream = target_;
    stream.source = targets::CommandSource{{"sleep", "600"}, "held"};
    ProcessSpec producer;
    producer.argv = {"sleep", "600"};
    held = Make().BackupStream(stream, producer, nullptr, holder_stop);
  });
  Outcome<std::vector<Restic::Lock>> locks;
  for (int i = 0; i < 60 && (!locks || locks->empty()); ++i) locks = Make().Locks(stop_);
  const auto forget = Make().Forget(ids, stop_);
  const auto prune = Make().Prune({}, stop_);
  const BackupOutcome beside = Backup();
  holder_stop.Stop();
  holder.join();
  ASSERT_TRUE(locks.has_value()) << locks.error().reason;
  ASSERT_EQ(locks->size(), 1U);
  EXPECT_FALSE(locks->front().info.exclusive);
  EXPECT_GT(locks->front().info.pid, 0);
  ASSERT_FALSE(forget.has_value());
  ASSERT_FALSE(prune.has_value());
  for (const Failure& refusal : {forget.error(), prune.error()}) {
    EXPECT_EQ(refusal.cause, Cause::kLocked) << refusal.reason;
    ASSERT_TRUE(refusal.lock.has_value());
    EXPECT_EQ(refusal.lock->pid, locks->front().info.pid);
    EXPECT_EQ(refusal.lock->host, locks->front().info.hostname);
  }
  EXPECT_EQ(beside.kind, Kind::kComplete) << "backups share";
  EXPECT_EQ(held.failure->cause, Cause::kInterrupted) << held.failure->reason;
  EXPECT_EQ(FilesIn("locks"), 0U);
}

TEST_P(ResticReal, ForgetsTagsPrunesAndChecks) {
  InitRepository();
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  Write(folder_ / "source" / "a.txt", "changed");
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  auto snapshots = List();
  ASSERT_EQ(snapshots.size(), 2U);
  const std::vector<SnapshotId> first = {snapshots.front().id};
  ASSERT_TRUE(Make().Forget(first, stop_).has_value());
  snapshots = List();
  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_FALSE(Make().Forget(first, stop_).has_value()) << "it is gone already";
  const std::vector<SnapshotId> second = {snapshots.front().id};
  ASSERT_TRUE(Make().AddTag(second, targets::kQuarantineTag, stop_).has_value());
  EXPECT_TRUE(List().front().HasTag(targets::kQuarantineTag));
  const std::vector<SnapshotId> rewritten = {List().front().id};
  ASSERT_TRUE(Make().RemoveTag(rewritten, targets::kQuarantineTag, stop_).has_value());
  EXPECT_FALSE(List().front().HasTag(targets::kQuarantineTag));
  targets::PruneJob prune;
  prune.max_unused = "0";
  prune.max_repack_size = targets::Bytes{1} << 30U;
  const auto pruned = Make().Prune(prune, stop_);
  EXPECT_TRUE(pruned.has_value()) << pruned.error().reason;
  targets::CheckJob check;
  check.read_data_parts = 2;
  for (const int part : {1, 2}) {
    const auto checked = Make().Check(check, part, stop_);
    EXPECT_TRUE(checked.has_value()) << checked.error().reason;
  }
}

TEST_P(ResticReal, CallsADamagedRepositoryDamaged) {
  InitRepository();
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  for (const auto& entry : fs::directory_iterator(folder_ / "repository" / "index"))
    fs::remove(entry.path());
  const auto checked = Make().Check({}, 0, stop_);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().cause, Cause::kDamaged) << checked.error().reason;
}

TEST_P(ResticReal, TrustsNoListingWithABrokenSnapshot) {
  InitRepository();
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  fs::remove_all(config_.state_dir);  // the cache has a good copy
  for (const auto& entry : fs::directory_iterator(folder_ / "repository" / "snapshots")) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    Write(entry.path(), "broken");
  }
  fs::create_directories(config_.state_dir);
  const auto snapshots = Make().Snapshots(std::nullopt, stop_);
  ASSERT_FALSE(snapshots.has_value());
  EXPECT_TRUE(snapshots.error().reason.starts_with("the listing is not to be trusted"))
      << snapshots.error().reason;
}

/// What no listing can tell: restic says `[]` and nothing else. Callers compare with what they saw
/// before.
TEST_P(ResticReal, ListsNothingWhenTheFolderOfSnapshotsIsGone) {
  InitRepository();
  ASSERT_EQ(Backup().kind, Kind::kComplete);
  fs::remove_all(folder_ / "repository" / "snapshots");
  EXPECT_TRUE(List().empty());
}

TEST_P(ResticReal, StopsOnRequest) {
  InitRepository();
  stop_.Stop();
  EXPECT_EQ(Backup().failure->cause, Cause::kInterrupted);
}

TEST_P(ResticReal, UnlocksAnUnlockedRepository) {
  InitRepository();
  const auto done = Make().Unlock(stop_);
  EXPECT_TRUE(done.has_value()) << done.error().reason;
}

TEST(ResticProgram, ThatIsNotThereIsNamed) {
  const auto version = Restic::DetectVersion(Processes(), "no-such-restic");
  ASSERT_FALSE(version.has_value());
  EXPECT_NE(version.error().message.find("no-such-restic"), std::string::npos);
}

}  // namespace
}  // namespace runner
