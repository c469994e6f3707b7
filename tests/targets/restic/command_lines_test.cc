#include "targets/restic/command_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace targets {
namespace {

const std::string kId(64, 'a');
constexpr ResticVersion kOld{0, 14, 0};
constexpr ResticVersion kNew{0, 19, 1};

class CommandLinesTest : public testing::Test {
 protected:
  CommandLinesTest() {
    config_.instance = InstanceName("server1");
    config_.repository.url = "b2:bucket:path";
    config_.repository.retry_lock = Duration{0};
    target_.id = TargetId("photos");
    target_.source = DirectorySource{"/data/photos"};
  }

  [[nodiscard]] CommandLines Make(ResticVersion version = kOld) const { return {config_, version}; }

  Config config_;
  Target target_;
};

TEST_F(CommandLinesTest, BacksADirectoryUpUnderItsIdentity) {
  EXPECT_EQ(Make().Backup(target_),
            (Argv{"restic", "backup", "--json", "--host", "server1", "--tag", "target:photos",
                  "--exclude=/data/photos/.runner-restore-*", "--", "/data/photos"}));
}

TEST_F(CommandLinesTest, PassesExcludesAndTagsOn) {
  target_.tags = {"nightly"};
  target_.exclude = {"*.tmp", "--help", "!keep"};
  target_.exclude_if_present = {".nobackup"};
  target_.exclude_larger_than = 1048576;
  target_.one_file_system = true;
  EXPECT_EQ(Make().Backup(target_),
            (Argv{"restic", "backup", "--json", "--host", "server1", "--tag", "target:photos",
                  "--tag", "nightly", "--exclude=*.tmp", "--exclude=--help", "--exclude=!keep",
                  "--exclude=/data/photos/.runner-restore-*", "--exclude-if-present=.nobackup",
                  "--exclude-larger-than=1048576", "--one-file-system", "--", "/data/photos"}));
}

TEST_F(CommandLinesTest, ExcludesOurOwnFolderOfASourceWithAnOddName) {
  const auto pattern = [this](const std::string& path) {
    target_.source = DirectorySource{path};
    const Argv argv = Make().Backup(target_);
    return *std::ranges::find_if(
        argv, [](const std::string& word) { return word.starts_with("--exclude="); });
  };
  EXPECT_EQ(pattern("/"), "--exclude=/.runner-restore-*");
  EXPECT_EQ(pattern("/a[1]*b?"), "--exclude=/a\\[1]\\*b\\?/.runner-restore-*");
  EXPECT_EQ(pattern("/a\\b"), "--exclude=/a\\\\b/.runner-restore-*");
}

TEST_F(CommandLinesTest, BacksAStreamUpWithoutExcludes) {
  target_.source = CommandSource{{"pg_dump", "app"}, "app.sql"};
  target_.exclude = {"*"};
  EXPECT_EQ(Make().Backup(target_),
            (Argv{"restic", "backup", "--json", "--host", "server1", "--tag", "target:photos",
                  "--stdin", "--stdin-filename", "app.sql"}));
}

TEST_F(CommandLinesTest, GivesEveryCommandTheLimits) {
  config_.repository.limits = {Bytes{5 * 1024 * 1024}, Bytes{1}, 7};
  const Argv base = {"restic", "--limit-upload",  "5120", "--limit-download", "1",
                     "-o",     "b2.connections=7"};
  const CommandLines commands = Make();
  const std::vector<SnapshotId> ids = {SnapshotId(kId)};
  for (const Argv& argv :
       {commands.CatConfig(), commands.Init(), commands.Backup(target_),
        commands.Snapshots(target_.id), commands.AllSnapshots(), commands.Forget(ids),
        commands.AddTag(ids, "x"), commands.RemoveTag(ids, "x"), commands.Prune({}),
        commands.Diff(ids[0], ids[0]), commands.Stats(), commands.Check({}, 1),
        commands.ListLocks(), commands.CatLock(kId), commands.Unlock(),
        commands.PassThrough({"ls"})}) {
    ASSERT_GT(argv.size(), base.size());
    EXPECT_TRUE(std::equal(base.begin(), base.end(), argv.begin())) << argv.back();
    EXPECT_EQ(std::ranges::find(argv, "--no-cache"), argv.end());
  }
}

TEST_F(CommandLinesTest, NamesTheBackendOfTheConnections) {
  config_.repository.limits.connections = 3;
  const auto option = [this](const std::string& url) {
    config_.repository.url = url;
    return Make().Unlock().at(2);
  };
  EXPECT_EQ(option("/srv/repo"), "local.connections=3");
  EXPECT_EQ(option("s3:https://host/bucket"), "s3.connections=3");
  EXPECT_EQ(option("rest:http://host/"), "rest.connections=3");
  EXPECT_EQ(option("sftp:user@host:/srv"), "sftp.connections=3");
  EXPECT_EQ(option("rclone:remote:path"), "rclone.connections=3");
  EXPECT_EQ(option("azure:container:/"), "azure.connections=3");
  EXPECT_EQ(option("gs:bucket:/"), "gs.connections=3");
  EXPECT_EQ(option("swift-temp:container:/"), "swift.connections=3");
}

TEST_F(CommandLinesTest, SparesBilledQuestionsToBackblaze) {
  config_.repository.url = "s3:https://s3.us-west-004.backblazeb2.com/bucket/path";
  EXPECT_EQ(Make(kOld).Unlock(),
            (Argv{"restic", "-o", "s3.layout=default", "-o", "s3.region=us-west-004", "unlock"}));
  EXPECT_EQ(Make(kNew).Unlock(), (Argv{"restic", "-o", "s3.region=us-west-004", "unlock"}));
}

TEST(BackblazeRegion, IsReadFromTheHostAlone) {
  EXPECT_EQ(BackblazeRegion("s3:s3.eu-central-003.backblazeb2.com/bucket"), "eu-central-003");
  EXPECT_EQ(BackblazeRegion("s3:https://s3.eu-central-003.backblazeb2.com:443/bucket"),
            "eu-central-003");
  for (const char* url :
       {"s3:https://s3.amazonaws.com/s3.x.backblazeb2.com", "s3:https://s3.backblazeb2.com/b",
        "b2:s3.x.backblazeb2.com", "/s3.x.backblazeb2.com", "s3:s3.x.backblazeb2.com.evil.org/b"}) {
    EXPECT_EQ(BackblazeRegion(url), "") << url;
  }
}

TEST_F(CommandLinesTest, WaitsForLocksWhereThisResticCan) {
  config_.repository.retry_lock = Duration{300};
  EXPECT_EQ(Make(kNew).Prune({}), (Argv{"restic", "--retry-lock", "300s", "prune",
                                        "--cleanup-cache", "--max-unused", "5%"}));
  EXPECT_EQ(Make({0, 16, 0}).Prune({}).at(1), "--retry-lock");
  EXPECT_EQ(Make({0, 15, 2}).Prune({}).at(1), "prune");
  EXPECT_EQ(Make(kNew).CatConfig(), (Argv{"restic", "cat", "config", "--no-lock"}))
      << "takes no lock";
}

TEST_F(CommandLinesTest, NarrowsListings) {
  EXPECT_EQ(Make().Snapshots(target_.id), (Argv{"restic", "snapshots", "--no-lock", "--json",
                                                "--host", "server1", "--tag", "target:photos"}));
  EXPECT_EQ(Make().Snapshots(std::nullopt),
            (Argv{"restic", "snapshots", "--no-lock", "--json", "--host", "server1"}));
  EXPECT_EQ(Make().SnapshotsWithoutTrace(), (Argv{"restic", "snapshots", "--no-lock", "--json",
                                                  "--host", "server1", "--no-cache"}));
  EXPECT_EQ(Make().AllSnapshots(), (Argv{"restic", "snapshots", "--no-lock", "--json"}));
  EXPECT_EQ(Make().SnapshotsOfAnyHost(TargetId("photos")),
            (Argv{"restic", "snapshots", "--no-lock", "--json", "--tag", "target:photos"}));
}

TEST_F(CommandLinesTest, ForgetsAndTagsByFullIdsAlone) {
  const std::vector<SnapshotId> good = {SnapshotId(kId)};
  EXPECT_EQ(Make().Forget(good), (Argv{"restic", "forget", "--json", kId}));
  EXPECT_EQ(Make().AddTag(good, "quarantine"),
            (Argv{"restic", "tag", "--json", "--add", "quarantine", kId}));
  EXPECT_EQ(Make().RemoveTag(good, "quarantine"),
            (Argv{"restic", "tag", "--json", "--remove", "quarantine", kId}));
  EXPECT_TRUE(Make().AddTag(good, "").empty());
  for (const std::string& bad :
       {std::string(), std::string("aaaaaaaa"), std::string("--keep-last=1"), std::string(63, 'a'),
        std::string(65, 'a'), std::string(64, 'A'), std::string("latest"),
        std::string(63, 'a') + "\n"}) {
    const std::vector<SnapshotId> ids = {SnapshotId(kId), SnapshotId(bad)};
    EXPECT_TRUE(Make().Forget(ids).empty()) << bad;
    EXPECT_TRUE(Make().AddTag(ids, "x").empty()) << bad;
    EXPECT_TRUE(Make().RemoveTag(ids, "x").empty()) << bad;
    EXPECT_TRUE(Make().CatLock(bad).empty()) << bad;
    EXPECT_TRUE(Make().Diff(SnapshotId(kId), SnapshotId(bad)).empty()) << bad;
    EXPECT_TRUE(Make().Diff(SnapshotId(bad), SnapshotId(kId)).empty()) << bad;
  }
  EXPECT_TRUE(Make().Forget({}).empty());
}

TEST_F(CommandLinesTest, ComparesTwoSnapshotsWithoutALock) {
  const std::string other(64, 'b');
  EXPECT_EQ(Make().Diff(SnapshotId(kId), SnapshotId(other)),
            (Argv{"restic", "diff", "--no-lock", "--json", kId, other}));
}

TEST_F(CommandLinesTest, RestoresOnlyIntoFoldersThatAreOurs) {
  const auto restore = [&](const std::string& folder) {
    return Make().Restore({SnapshotId(kId), folder, {}, false, false});
  };
  EXPECT_EQ(
      restore("/data/.runner-restore-data/tree"),
      (Argv{"restic", "restore", "--no-lock", "--target", "/data/.runner-restore-data/tree", kId}));
  EXPECT_FALSE(restore("/state/.runner-drill-data/photos/tree").empty());
  for (const char* folder :
       {"/", "/data", "data/.runner-restore-data/tree", "/data/.runner-restore-data",
        "/state/.runner-drill-data", "/state/.runner-drill-data-2/x", "/state/drill/x",
        "/data/.runner-restore-data/../x", "/state/.runner-drill-data/photos/..",
        "/state/.runner-drill-data/../../data"}) {
    EXPECT_TRUE(restore(folder).empty()) << folder;
  }
  EXPECT_TRUE(
      Make().Restore({SnapshotId("latest"), "/d/.runner-drill-data/x", {}, false, false}).empty());
}

TEST_F(CommandLinesTest, RestoresWhatIsAskedFor) {
  EXPECT_EQ(
      Make(kNew).Restore(
          {SnapshotId(kId), "/s/.runner-drill-data/x/tree", {"/d/a", "/d/b"}, true, true}),
      (Argv{"restic", "restore", "--no-lock", "--json", "--no-cache", "--verify", "--include=/d/a",
            "--include=/d/b", "--target", "/s/.runner-drill-data/x/tree", kId}));
  EXPECT_EQ(EscapePattern("/a [1]*?\\b"), "/a \\[1]\\*\\?\\\\b");
}

TEST_F(CommandLinesTest, BoundsPrune) {
  PruneJob job;
  job.max_unused = "unlimited";
  job.max_repack_size = Bytes{10} << 30U;
  EXPECT_EQ(Make().Prune(job), (Argv{"restic", "prune", "--cleanup-cache", "--max-unused",
                                     "unlimited", "--max-repack-size", "10737418240"}));
}

TEST_F(CommandLinesTest, RotatesThroughThePacksOfACheck) {
  CheckJob job;
  EXPECT_EQ(Make().Check(job, 1), (Argv{"restic", "check"}));
  job.read_data_parts = 30;
  EXPECT_EQ(Make().Check(job, 1), (Argv{"restic", "check", "--read-data-subset", "1/30"}));
  EXPECT_EQ(Make().Check(job, 30).back(), "30/30");
  EXPECT_EQ(Make().Check(job, 0).back(), "1/30");
  EXPECT_EQ(Make().Check(job, 31).back(), "30/30");
}

TEST_F(CommandLinesTest, HasTheSmallCommands) {
  EXPECT_EQ(Make().Version(), (Argv{"restic", "version"}));
  EXPECT_EQ(Make().Init(), (Argv{"restic", "init", "--json"}));
  EXPECT_EQ(Make().ListLocks(), (Argv{"restic", "list", "locks", "--no-lock"}));
  EXPECT_EQ(Make().CatLock(kId), (Argv{"restic", "cat", "lock", kId, "--no-lock"}));
  EXPECT_EQ(Make().Unlock(), (Argv{"restic", "unlock"}));
  EXPECT_EQ(Make().PassThrough({"stats", "--mode", "raw-data"}),
            (Argv{"restic", "stats", "--mode", "raw-data"}));
  EXPECT_EQ(CommandLines(config_, kOld, "/opt/restic").Version(), (Argv{"/opt/restic", "version"}));
}

TEST_F(CommandLinesTest, HasThoseOfTheKeys) {
  EXPECT_EQ(Make().ListKeys(), (Argv{"restic", "key", "list", "--json", "--no-lock"}));
  EXPECT_EQ(Make().CatMasterKey(), (Argv{"restic", "cat", "masterkey", "--no-lock"}));
  EXPECT_EQ(Make().RemoveKey(kId, "deadbeef"),
            (Argv{"restic", "--key-hint", "deadbeef", "key", "remove", kId}));
}

TEST_F(CommandLinesTest, RemovesNoKeyThatIsNotNamedOrThatOpensTheRepository) {
  const std::string id = kId;
  EXPECT_TRUE(Make().RemoveKey(id, id).empty());
  EXPECT_TRUE(Make().RemoveKey(id, id.substr(0, 8)).empty());
  EXPECT_TRUE(Make().RemoveKey(id.substr(0, 8), id).empty());
  EXPECT_TRUE(Make().RemoveKey(id, "").empty());
  EXPECT_TRUE(Make().RemoveKey(id, "deadbee").empty());
  EXPECT_TRUE(Make().RemoveKey("", "deadbeef").empty());
  EXPECT_TRUE(Make().RemoveKey("latest12", "deadbeef").empty());
}

TEST_F(CommandLinesTest, PutsNoSecretIntoAnArgument) {
  config_.repository.url = "rest:https://user:hunter2@host/";
  config_.repository.password = InlineSecret{Secret("sesame")};
  config_.repository.environment = {{"TOKEN", "s3cr3t"}};
  for (const Argv& argv :
       {Make().Backup(target_), Make().Init(), Make().AllSnapshots(), Make().PassThrough({})}) {
    for (const std::string& word : argv) {
      for (const char* secret : {"hunter2", "sesame", "s3cr3t"}) {
        EXPECT_EQ(word.find(secret), std::string::npos) << word;
      }
    }
  }
}

}  // namespace
}  // namespace targets
