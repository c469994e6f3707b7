// Which capabilities of a key the real restic needs for what.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

class B2KeysTest : public B2Test {
 protected:
  void SetUp() override {
    B2Test::SetUp();
    if (IsSkipped()) return;
    ws().Write("data/a.txt", "alpha");
    world().MakeCheapRepository();
  }

  Ran BackUp() { return Restic({"backup", ws().Path("data")}); }
  void UseKeyWithout(const std::string& missing) {
    B2Server::NewKey key{.buckets = {kBucket}};
    std::erase(key.capabilities, missing);
    Use(server().AddKey(key));
  }
  /// That a command says so, and is not done before. It is not waited for: some go on trying for
  /// minutes.
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& text) {
    const std::unique_ptr<Background> background = ws().Start(ResticArgv(arguments));
    const auto says = [&] { return background->OutputSoFar().find(text) != std::string::npos; };
    Eventually([&] { return says() || !background->Alive(); });
    EXPECT_TRUE(says()) << background->OutputSoFar();
  }
  void ExpectWorks(const std::vector<std::string>& arguments) {
    const Ran ran = Restic(arguments);
    EXPECT_EQ(ran.code, 0) << ::testing::PrintToString(arguments) << "\n" << ran.all();
  }
};

TEST_P(B2KeysTest, WithoutListBucketsNothingWorks) {
  UseKeyWithout("listBuckets");
  ExpectRefused({"snapshots", "--no-lock"}, "b2_list_buckets: 401");
  ExpectRefused({"backup", ws().Path("data")}, "b2_list_buckets: 401");
}

TEST_P(B2KeysTest, WithoutListFilesTheKeysAreNotFound) {
  UseKeyWithout("listFiles");
  ExpectRefused({"snapshots", "--no-lock"}, "List(key) returned error");
  ExpectRefused({"snapshots", "--no-lock"}, "b2_list_file_names: 401");
}

TEST_P(B2KeysTest, WithoutReadFilesTheRepositoryCannotBeOpened) {
  UseKeyWithout("readFiles");
  ExpectRefused({"snapshots", "--no-lock"}, "Stat: b2_download_file_by_name: 401");
}

TEST_P(B2KeysTest, WithoutWriteFilesOneMayReadButNotLock) {
  ASSERT_EQ(BackUp().code, 0);
  UseKeyWithout("writeFiles");
  ExpectRefused({"backup", ws().Path("data")}, "Close: b2_get_upload_url: 401");
  for (const char* command : {"snapshots", "check", "stats"}) ExpectWorks({command, "--no-lock"});
  ExpectWorks({"restore", "latest", "--no-lock", "--target", ws().Path("back")});
}

TEST_P(B2KeysTest, WithoutDeleteFilesTheLockStaysOrIsHidden) {
  UseKeyWithout("deleteFiles");
  const auto locks = [&] { return server().Versions(kBucket, "r/locks/"); };
  if (std::string(GetParam()) == "system") {
    ExpectRefused({"backup", ws().Path("data")}, "Delete: b2_delete_file_version: 401");
    EXPECT_EQ(locks().size(), 1U);
  } else {
    ExpectWorks({"backup", ws().Path("data")});
    ASSERT_EQ(locks().size(), 2U);
    EXPECT_EQ(locks().front().action, b2::Action::kHide);
  }
  EXPECT_EQ(server().Versions(kBucket, "r/snapshots/").size(), 1U);
}

TEST_P(B2KeysTest, ThePrefixOfTheRepositorysPathSuffices) {
  Use(server().AddKey({.buckets = {kBucket}, .prefix = "r/"}));
  ExpectWorks({"backup", ws().Path("data")});
  ExpectWorks({"forget", "--keep-last", "1", "--prune"});
  Use(server().AddKey({.buckets = {kBucket}, .prefix = "s/"}));
  ExpectRefused({"snapshots", "--no-lock"}, "b2_download_file_by_name: 401");
}

TEST_P(B2KeysTest, ANewBucketNeedsAKeyForTheWholeAccount) {
  std::vector<std::string> init = ResticArgv({"init"});
  std::replace(init.begin(), init.end(), std::string(kUrl), std::string("b2:brand-new-bucket:r"));
  EXPECT_NE(ws().Run(init).code, 0);
  B2Server::NewKey key;
  key.capabilities.emplace_back("writeBuckets");
  Use(server().AddKey(key));
  const Ran ran = ws().Run(init);
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_FALSE(server().Versions("brand-new-bucket").empty());
}

TEST_P(B2KeysTest, AnExpiredKeyIsAWrongKey) {
  Use(server().AddKey({.buckets = {kBucket}, .expires_in = std::chrono::milliseconds(-1)}));
  ExpectRefused({"snapshots", "--no-lock"}, "b2_authorize_account: 401");
}

RUNNER_FOR_EACH_RESTIC(B2KeysTest);

}  // namespace
}  // namespace runner::testing
