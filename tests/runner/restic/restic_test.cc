#include "runner/restic/restic.h"

#include <algorithm>

#include "runner/restic/environment.h"
#include "tests/runner/restic/restic_fixture.h"

namespace runner {
namespace {

using targets::SnapshotId;

const std::string kId(64, 'a');
const std::string kOther(64, 'b');
const std::string kConfigJson = R"({"version":2,"id":")" + kId + "\"}\n";
constexpr const char* kAbsent =
    "Fatal: unable to open config file: stat /srv/repo/config: no such file or directory\n"
    "Is there a repository at the following location?\n/srv/repo\n";
constexpr const char* kStall =
    "Load(<lock/ee37694613>, 0, 0) returned error, retrying after 552.330144ms: <lock/ee37694613> "
    "does not exist\n";

std::string Refused(const std::string& file) {
  return "Remove(<" + file +
         ">) returned error, retrying after 552.330144ms: blob not removed, server response: 403 "
         "Forbidden (403)\n";
}

class ResticTest : public ResticFixture {};

TEST_F(ResticTest, DetectsTheVersion) {
  Play({Script().Prints("restic 0.16.4 compiled with go1.22 on linux/amd64\n").Exits(0)});
  const targets::ResticVersion expected{0, 16, 4};
  EXPECT_EQ(Restic::DetectVersion(processes_, "restic"), expected);
  EXPECT_EQ(processes_.Launched().front().argv, (targets::Argv{"restic", "version"}));
}

TEST_F(ResticTest, SaysHowToInstallAMissingProgram) {
  Play({Script::Missing("not found in PATH")});
  const auto version = Restic::DetectVersion(processes_, "restic");
  ASSERT_FALSE(version.has_value());
  EXPECT_EQ(version.error().message,
            "restic version: restic could not be started: not found in PATH");
  EXPECT_NE(version.error().hint.find("apt install restic"), std::string::npos);
}

TEST_F(ResticTest, FindsTheRepository) {
  Play({Script().Prints(kConfigJson).Exits(0)});
  const RepositoryState state = Make().Probe(stop_);
  ASSERT_TRUE(std::holds_alternative<RepositoryFound>(state));
  EXPECT_EQ(std::get<RepositoryFound>(state).id, kId);
}

TEST_F(ResticTest, KnowsAMissingRepository) {
  Play({Script().Complains(kAbsent).Exits(1)});
  EXPECT_TRUE(std::holds_alternative<RepositoryMissing>(Make().Probe(stop_)));
}

TEST_F(ResticTest, KnowsAMissingRepositoryByTheExitCode) {
  Play({Script()
            .Complains("Fatal: repository does not exist: unable to open config file: gone\n")
            .Exits(10)});
  EXPECT_TRUE(std::holds_alternative<RepositoryMissing>(Make({0, 17, 0}).Probe(stop_)));
}

/// Each of these would be destroyed by an init.
TEST_F(ResticTest, NeverTakesARefusalForAMissingRepository) {
  const std::string tail = "\nIs there a repository at the following location?\nb2:b:r\n";
  const std::vector<std::pair<std::string, int>> refusals = {
      {"Fatal: unable to open config file: Stat: b2_download_file_by_name: 401: " + tail, 1},
      {"Fatal: unable to open config file: Stat: b2_download_file_by_name: 403: Cannot download "
       "file, download "
       "bandwidth or transaction (Class B) cap exceeded. See the Caps & Alerts page to increase "
       "your cap." +
           tail,
       1},
      {"Fatal: unable to open config file: Stat: Access Denied." + tail, 1},
      {"Fatal: unable to open config file: unexpected HTTP response (401): 401 Unauthorized" + tail,
       1},
      {"Fatal: unable to open config file: stat /srv/repo/config: permission denied" + tail, 1},
      {"Fatal: unable to open config file: stat /srv/repo/config: input/output error" + tail, 1},
      {"Fatal: repository does not exist at b2:b:r: repository does not exist\n", 10},
      {"Fatal: wrong password or no key found\n", 1},
      {"", 1},
      {"", 2},
  };
  for (const targets::ResticVersion version :
       {targets::ResticVersion{0, 14, 0}, targets::ResticVersion{0, 19, 1}}) {
    for (const auto& [text, code] : refusals) {
      StopHandle stop;
      runner::testing::FakeProcessRunner processes(clock_);
      processes.When([](const ProcessSpec&) { return true; }, Script().Complains(text).Exits(code));
      Restic restic(config_, {targets::Secret("sesame"), {}, {}}, version, processes);
      EXPECT_TRUE(std::holds_alternative<RepositoryUnknown>(restic.Probe(stop))) << text;
    }
  }
}

TEST_F(ResticTest, TakesAnUnreadableAnswerForUnknown) {
  Play({Script().Prints("{}\n").Exits(0)});
  EXPECT_TRUE(std::holds_alternative<RepositoryUnknown>(Make().Probe(stop_)));
}

TEST_F(ResticTest, ReadsTheIdBackAfterInit) {
  Play({Script().Prints("created restic repository a8fd51a6c3 at /srv/repo\n").Exits(0),
        Script().Prints(kConfigJson).Exits(0)});
  EXPECT_EQ(Make().Init(stop_), kId);
  EXPECT_EQ(processes_.Launched()[0].argv, (targets::Argv{"restic", "init", "--json"}));
}

TEST_F(ResticTest, ReportsARepositoryThatIsGoneAfterInit) {
  Play({Script().Exits(0), Script().Complains(kAbsent).Exits(1)});
  EXPECT_FALSE(Make().Init(stop_).has_value());
}

TEST_F(ResticTest, ReportsARefusedInit) {
  Play({Script()
            .Complains(
                "Fatal: create repository at /srv/repo failed: config file already exists\n\n")
            .Exits(1)});
  const auto id = Make().Init(stop_);
  ASSERT_FALSE(id.has_value());
  EXPECT_EQ(id.error().reason, "create repository at /srv/repo failed: config file already exists");
}

TEST_F(ResticTest, ListsSnapshots) {
  Play({Script().Prints(R"([{"id":")" + kId + R"(","time":"2026-11-23T03:25:36Z"}])").Exits(0)});
  const auto snapshots = Make().Snapshots(target_.id, stop_);
  ASSERT_TRUE(snapshots.has_value());
  ASSERT_EQ(snapshots->size(), 1U);
  EXPECT_EQ(snapshots->front().id, SnapshotId(kId));
}

TEST_F(ResticTest, TrustsNoListWithAWordOnStandardError) {
  for (const char* word :
       {"could not load snapshots: b2_list_file_names: 500: ",
        "could not load snapshot 03bd7527: x",
        "List(snapshot) returned error, retrying after 552.330144ms: HTTP 500", "?"}) {
    runner::testing::FakeProcessRunner processes(clock_);
    processes.When([](const ProcessSpec&) { return true; },
                   Script().Prints("[]\n").Complains(std::string(word) + "\n").Exits(0));
    Restic restic(config_, {targets::Secret("sesame"), {}, {}}, {}, processes);
    const auto snapshots = restic.AllSnapshots(stop_);
    ASSERT_FALSE(snapshots.has_value()) << word;
    EXPECT_TRUE(snapshots.error().reason.starts_with("the listing is not to be trusted: "))
        << snapshots.error().reason;
  }
}

TEST_F(ResticTest, ForgivesRcloneAndSshTheirHabits) {
  Play({Script()
            .Prints("[]\n")
            .Complains("rclone: 2026/11/23 06:03:34 NOTICE: Config file "
                       "\"/home/user/.config/rclone/rclone.conf\" not found "
                       "- using defaults\nsubprocess ssh: Warning: Permanently added 'h' (ED25519) "
                       "to the list of known "
                       "hosts.\r\n")
            .Exits(0)});
  EXPECT_TRUE(Make().AllSnapshots(stop_).has_value());
}

TEST_F(ResticTest, ReportsAWrongPasswordOfAListing) {
  Play({Script().Complains("Fatal: wrong password or no key found\n").Exits(1)});
  EXPECT_EQ(Make().AllSnapshots(stop_).error().cause, Cause::kWrongPassword);
}

TEST_F(ResticTest, LaunchesNothingForAnythingButFullIds) {
  Play({});
  Restic restic = Make();
  const std::vector<SnapshotId> none;
  const std::vector<SnapshotId> prefix = {SnapshotId(kId), SnapshotId("54f13b08")};
  const std::vector<SnapshotId> option = {SnapshotId("--keep-last=1")};
  for (const auto& ids : {none, prefix, option}) {
    EXPECT_FALSE(restic.Forget(ids, stop_).has_value());
    EXPECT_FALSE(restic.AddTag(ids, "quarantine", stop_).has_value());
    EXPECT_FALSE(restic.RemoveTag(ids, "quarantine", stop_).has_value());
  }
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(ResticTest, ForgetsFullIds) {
  Play({Script().Exits(0)});
  const std::vector<SnapshotId> ids = {SnapshotId(kId), SnapshotId(kOther)};
  EXPECT_TRUE(Make().Forget(ids, stop_).has_value());
  EXPECT_EQ(processes_.Launched().front().argv,
            (targets::Argv{"restic", "forget", "--json", kId, kOther}));
}

TEST_F(ResticTest, TakesAnIgnoredIdForAFailureOfForget) {
  Play(
      {Script()
           .Complains("Ignoring \"" + kId + "\": no matching ID found for prefix \"" + kId + "\"\n")
           .Exits(0)});
  const std::vector<SnapshotId> ids = {SnapshotId(kId)};
  const auto done = Make().Forget(ids, stop_);
  ASSERT_FALSE(done.has_value());
  EXPECT_NE(done.error().reason.find("no matching ID found"), std::string::npos);
}

TEST_F(ResticTest, ForgivesForgetAnOperationThatWasTriedAgain) {
  Play({Script()
            .Complains(
                "Remove(<snapshot/aaaaaaaaaa>) returned error, retrying after 552.330144ms: 503\n")
            .Exits(0)});
  const std::vector<SnapshotId> ids = {SnapshotId(kId)};
  EXPECT_TRUE(Make().Forget(ids, stop_).has_value());
}

TEST_F(ResticTest, StopsAskingAServerThatForbidsRemovals) {
  Play({Script().Complains(Refused("snapshot/aaaaaaaaaa")).ExitsOn(2, 130)});
  const std::vector<SnapshotId> ids = {SnapshotId(kId)};
  const auto done = Make().Forget(ids, stop_);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().cause, Cause::kKeyRefused);
  EXPECT_EQ(done.error().reason, "blob not removed, server response: 403 Forbidden (403)");
  EXPECT_NE(done.error().hint.find("append-only"), std::string::npos);
  EXPECT_EQ(processes_.Launched().size(), 1U);
}

TEST_F(ResticTest, WaitsWhileOnlyALocksRemovalIsForbidden) {
  Play({Script().Complains(Refused("lock/aaaaaaaaaa")).Exits(0)});
  const std::vector<SnapshotId> ids = {SnapshotId(kId)};
  EXPECT_TRUE(Make().Forget(ids, stop_).has_value());
}

/// restic itself exits with 0.
TEST_F(ResticTest, TakesAPackThatStaysForAFailureOfPrune) {
  Play({Script()
            .Complains("Remove(<data/aaaaaaaaaa>) failed: unexpected HTTP response (403): 403 "
                       "Forbidden\nunable to remove data/aaaaaaaaaa from the repository\n")
            .Exits(0)});
  const auto done = Make({0, 19, 1}).Prune({}, stop_);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().cause, Cause::kKeyRefused);
  EXPECT_EQ(done.error().reason,
            "not everything was removed: unexpected HTTP response (403): 403 Forbidden");
}

TEST_F(ResticTest, StartsAgainWhenALockVanishes) {
  Play({Script().Complains(kStall).ExitsOn(2, 130), Script().Complains(kStall).ExitsOn(2, 130),
        Script().Exits(0)});
  EXPECT_TRUE(Make().Prune({}, stop_).has_value());
  EXPECT_EQ(processes_.Launched().size(), 3U);
}

TEST_F(ResticTest, TellsWhatAPruneDid) {
  Play({Script()
            .Prints("to delete:             5 blobs / 293.998 KiB\n"
                    "total prune:           5 blobs / 293.998 KiB\n"
                    "remaining:             6 blobs / 293.997 KiB\n"
                    "unused size after prune: 0 B (0.00% of remaining size)\n")
            .Exits(0),
        Script().Exits(0)});
  Restic restic = Make();
  EXPECT_EQ(restic.Prune({}, stop_),
            "total prune: 5 blobs / 293.998 KiB; remaining: 6 blobs / 293.997 KiB");
  EXPECT_EQ(restic.Prune({}, stop_), "");
}

TEST_F(ResticTest, SitsTheSixthStallOut) {
  std::vector<Script> scripts(5, Script().Complains(kStall).ExitsOn(2, 130));
  scripts.push_back(Script().Complains(kStall).Exits(0));
  Play(scripts);
  EXPECT_TRUE(Make().Check({}, 1, stop_).has_value());
  EXPECT_EQ(processes_.Launched().size(), 6U);
}

TEST_F(ResticTest, LeavesANewResticAlone) {
  Play({Script().Complains(kStall).Exits(0)});
  EXPECT_TRUE(Make({0, 17, 0}).Prune({}, stop_).has_value());
  EXPECT_EQ(processes_.Launched().size(), 1U);
}

TEST_F(ResticTest, ReadsLocks) {
  Play(
      {Script().Prints(kId + "\n").Exits(0),
       Script()
           .Prints(
               R"({"time":"2026-11-23T06:03:08Z","exclusive":true,"hostname":"vm","username":"root","pid":7})")
           .Exits(0)});
  const auto locks = Make().Locks(stop_);
  ASSERT_TRUE(locks.has_value());
  ASSERT_EQ(locks->size(), 1U);
  EXPECT_EQ(locks->front().id, kId);
  EXPECT_EQ(locks->front().info.pid, 7);
}

TEST_F(ResticTest, LeavesOutALockThatVanishedMeanwhile) {
  Play({Script().Prints(kId + "\n").Exits(0), Script().Complains(kStall).ExitsOn(2, 130),
        Script().Exits(0)});
  const auto locks = Make().Locks(stop_);
  ASSERT_TRUE(locks.has_value());
  EXPECT_TRUE(locks->empty());
}

TEST_F(ResticTest, ReportsALockThatCannotBeRead) {
  Play({Script().Prints(kId + "\n").Exits(0), Script().Complains("Fatal: bad\n").Exits(1),
        Script().Prints(kId + "\n").Exits(0)});
  EXPECT_EQ(Make().Locks(stop_).error().reason, "bad");
}

TEST_F(ResticTest, LaunchesNothingAfterAStop) {
  Play({});
  stop_.Stop();
  Restic restic = Make();
  EXPECT_EQ(restic.Unlock(stop_).error().cause, Cause::kInterrupted);
  const RepositoryState state = restic.Probe(stop_);
  ASSERT_TRUE(std::holds_alternative<RepositoryUnknown>(state));
  EXPECT_EQ(std::get<RepositoryUnknown>(state).failure.cause, Cause::kInterrupted);
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(ResticTest, StopsWhatRuns) {
  Play({Script().Does([this] { stop_.Stop(); }, std::chrono::milliseconds{5}).ExitsOn(2, 130)});
  EXPECT_EQ(Make().Prune({}, stop_).error().cause, Cause::kInterrupted);
}

TEST_F(ResticTest, GivesEveryDoubtfulQuestionADeadlineAndEveryCommandAStallWatch) {
  Play({Script().Exits(1), Script().Exits(1)});
  Restic restic = Make();
  (void)restic.Probe(stop_);
  (void)restic.Prune({}, stop_);
  const auto launched = processes_.Launched();
  EXPECT_TRUE(launched[0].watch.max_runtime.has_value());
  EXPECT_FALSE(launched[1].watch.max_runtime.has_value());
  // Five minutes of waiting for a foreign lock are no stall.
  EXPECT_EQ(launched[1].watch.stall_timeout, std::chrono::minutes(15));
}

TEST_F(ResticTest, GivesSecretsByEnvironmentAlone) {
  config_.repository.url = "rest:https://user:hunter2@host/";
  config_.repository.environment = {{"RCLONE_CONFIG", "/etc/rclone.conf"},
                                    {"RESTIC_PASSWORD", "wrong"}};
  const ProcessSpec spec = Make().PassThrough({"stats", "latest"});
  EXPECT_EQ(spec.argv, (targets::Argv{"restic", "stats", "latest"}));
  const std::map<std::string, std::string> expected = {
      {"RCLONE_CONFIG", "/etc/rclone.conf"},
      {"RESTIC_CACHE_DIR", "/state/cache"},
      {"RESTIC_PASSWORD", "sesame"},
      {"RESTIC_PROGRESS_FPS", "1"},
      {"TZ", "Europe/Berlin"},
      {"RESTIC_REPOSITORY", "rest:https://user:hunter2@host/"}};
  EXPECT_EQ(spec.environment, expected);
  for (const char* name : {"RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND",
                           "RESTIC_REPOSITORY_FILE", "RESTIC_HOST"}) {
    EXPECT_NE(std::ranges::find(spec.unset, name), spec.unset.end()) << name;
  }
}

TEST_F(ResticTest, UsesTheConfiguredCacheFolder) {
  config_.cache_dir = "/cache";
  EXPECT_EQ(Make().Environment().at("RESTIC_CACHE_DIR"), "/cache");
}

TEST_F(ResticTest, NamesTheB2KeyAsTheBackendExpects) {
  const ResolvedSecrets secrets{targets::Secret("p"), targets::Secret("id"),
                                targets::Secret("key")};
  config_.repository.url = "b2:bucket:path";
  auto environment = ResticEnvironment(config_, secrets);
  EXPECT_EQ(environment.at("B2_ACCOUNT_ID"), "id");
  EXPECT_EQ(environment.at("B2_ACCOUNT_KEY"), "key");
  EXPECT_FALSE(environment.contains("AWS_SECRET_ACCESS_KEY"));
  config_.repository.url = "s3:https://s3.us-west-004.backblazeb2.com/bucket/path";
  environment = ResticEnvironment(config_, secrets);
  EXPECT_EQ(environment.at("AWS_ACCESS_KEY_ID"), "id");
  EXPECT_EQ(environment.at("AWS_SECRET_ACCESS_KEY"), "key");
  EXPECT_FALSE(environment.contains("B2_ACCOUNT_KEY"));
}

TEST_F(ResticTest, HidesTheRepositorysSecretsFromUserCommands) {
  config_.repository.environment = {{"MY_STORAGE_TOKEN", "x"}};
  const auto names = UnsetForUserCommands(config_);
  for (const char* name : {"RESTIC_PASSWORD*", "RESTIC_REPOSITORY*", "B2_ACCOUNT_*",
                           "AWS_SECRET_ACCESS_KEY", "MY_STORAGE_TOKEN"}) {
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  }
}

}  // namespace
}  // namespace runner
