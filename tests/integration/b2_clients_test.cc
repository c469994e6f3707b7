// The B2 test server against programs that were written for the real B2: what they see must be what
// they would see there.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class B2ClientsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ws_.Write("src/a.txt", "hello\n");
    ws_.Write("src/sp ä+%.txt", "odd name\n");
    ws_.Write("src/sub/big.bin", Noise(13'000'000));
  }

  /// Bytes that no two parts of a file have in common.
  static std::string Noise(std::size_t size) {
    std::string noise(size, '\0');
    std::uint32_t state = 1;
    std::generate(noise.begin(), noise.end(), [&] {
      state = state * 1664525 + 1013904223;
      return static_cast<char>(state >> 24);
    });
    return noise;
  }

  /// The output of a command that must succeed.
  std::string Do(const std::vector<std::string>& argv) {
    const Ran ran = ws_.Run(argv);
    EXPECT_EQ(ran.code, 0) << ::testing::PrintToString(argv) << "\n" << ran.all();
    return ran.all();
  }

  Workspace ws_;
  B2World world_{ws_, {.part_sizes = {.recommended = 5'000'000}}};
};

class RcloneTest : public B2ClientsTest {
 protected:
  void SetUp() override {
    B2ClientsTest::SetUp();
    const B2Server::Credentials key = world_.server().master_key();
    ws_.Write("rclone.conf", "");
    ws_.Set("RCLONE_CONFIG", ws_.Path("rclone.conf"));
    ws_.Set("RCLONE_CONFIG_X_TYPE", "b2");
    ws_.Set("RCLONE_CONFIG_X_ACCOUNT", key.id);
    ws_.Set("RCLONE_CONFIG_X_KEY", key.secret);
    ws_.Set("RCLONE_CONFIG_X_ENDPOINT", world_.server().url());
    ws_.Set("RCLONE_B2_CHUNK_SIZE", "5M");
    ws_.Set("RCLONE_B2_UPLOAD_CUTOFF", "5M");
    Do({"rclone", "mkdir", "x:rclone-bucket"});
    Do({"rclone", "copy", "src", "x:rclone-bucket/p"});
  }
};

TEST_F(RcloneTest, StoresFilesAndLargeFilesInPartsAndReadsThemBack) {
  EXPECT_EQ(world_.server().log().Count("b2_upload_part"), 3);
  const std::string listed = Do({"rclone", "lsf", "-R", "--format", "sp", "x:rclone-bucket"});
  EXPECT_THAT(listed, HasSubstr("6;p/a.txt\n"));
  EXPECT_THAT(listed, HasSubstr("9;p/sp ä+%.txt\n"));
  EXPECT_THAT(listed, HasSubstr("13000000;p/sub/big.bin\n"));
  EXPECT_THAT(Do({"rclone", "check", "--download", "src", "x:rclone-bucket/p"}),
              HasSubstr("3 matching files"));
}

TEST_F(RcloneTest, HidesAFileAndFindsItsOldVersions) {
  ws_.Write("src/a.txt", "second\n");
  Do({"rclone", "copy", "src", "x:rclone-bucket/p"});
  Do({"rclone", "deletefile", "x:rclone-bucket/p/a.txt"});
  EXPECT_THAT(Do({"rclone", "lsf", "x:rclone-bucket/p"}), Not(HasSubstr("a.txt")));
  const auto versions = world_.server().Versions("rclone-bucket", "p/a.txt");
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_EQ(versions[0].action, b2::Action::kHide);
  EXPECT_EQ(*versions[1].content, "second\n");
  EXPECT_EQ(*versions[2].content, "hello\n");
  const std::string old = Do({"rclone", "lsf", "--b2-versions", "x:rclone-bucket/p"});
  EXPECT_EQ(std::count(old.begin(), old.end(), '\n'), 4) << old;  // two old, odd name, folder
}

TEST_F(RcloneTest, CleansUpOldVersionsAndCopiesOnTheServer) {
  Do({"rclone", "deletefile", "x:rclone-bucket/p/a.txt"});
  Do({"rclone", "copyto", "x:rclone-bucket/p/sub/big.bin", "x:rclone-bucket/q/copy.bin"});
  EXPECT_EQ(world_.server().log().Count("b2_copy_file"), 1);
  Do({"rclone", "cleanup", "x:rclone-bucket"});
  EXPECT_EQ(Do({"rclone", "lsf", "-R", "--files-only", "--b2-versions", "x:rclone-bucket"}),
            "p/sp ä+%.txt\np/sub/big.bin\nq/copy.bin\n");
  EXPECT_EQ(world_.server().Versions("rclone-bucket").size(), 3U);
}

TEST_F(RcloneTest, PurgesABucket) {
  Do({"rclone", "purge", "x:rclone-bucket"});
  EXPECT_THAT(Do({"rclone", "lsf", "x:"}), Not(HasSubstr("rclone-bucket")));
}

TEST_F(RcloneTest, IsToldThatTheKeyIsWrong) {
  ws_.Set("RCLONE_CONFIG_X_KEY", "wrong");
  const Ran ran = ws_.Run({"rclone", "lsf", "x:"});
  EXPECT_NE(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("401 unauthorized"));
}

/// Debian's backblaze-b2: the command line by B2's makers.
class B2CommandLineTest : public B2ClientsTest {
 protected:
  void SetUp() override {
    B2ClientsTest::SetUp();
    ws_.Set("B2_ACCOUNT_INFO", ws_.Path("account-info"));
    Authorize(world_.server().master_key());
    B2({"create-bucket", "--lifecycleRules",
        R"([{"daysFromHidingToDeleting":1,"daysFromUploadingToHiding":null,"fileNamePrefix":""}])",
        "cli-bucket", "allPrivate"});
  }

  void Authorize(const B2Server::Credentials& key) {
    B2({"authorize-account", key.id, key.secret});
  }
  std::string B2(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "backblaze-b2");
    return Do(arguments);
  }
  std::string Upload(const std::string& file, const std::string& name) {
    return B2(
        {"upload-file", "--noProgress", "--minPartSize", "5000000", "cli-bucket", file, name});
  }
};

TEST_F(B2CommandLineTest, ShowsABucketWithItsLifecycleRules) {
  EXPECT_THAT(B2({"list-buckets"}), HasSubstr("allPrivate  cli-bucket"));
  const std::string bucket = B2({"get-bucket", "cli-bucket"});
  EXPECT_THAT(bucket, HasSubstr("\"daysFromHidingToDeleting\": 1"));
  EXPECT_THAT(bucket, HasSubstr("\"revision\": 1"));
  EXPECT_THAT(B2({"update-bucket", "--lifecycleRules", "[]", "cli-bucket", "allPrivate"}),
              HasSubstr("\"revision\": 2"));
}

TEST_F(B2CommandLineTest, UploadsDownloadsAndListsVersions) {
  Upload("src/a.txt", "p/a.txt");
  Upload("src/a.txt", "p/a.txt");
  Upload("src/sub/big.bin", "p/big.bin");
  EXPECT_EQ(world_.server().log().Count("b2_finish_large_file"), 1);
  EXPECT_EQ(B2({"ls", "cli-bucket", "p"}), "p/a.txt\np/big.bin\n");
  const std::string versions = B2({"ls", "--versions", "--long", "--recursive", "cli-bucket"});
  EXPECT_EQ(std::count(versions.begin(), versions.end(), '\n'), 3) << versions;
  B2({"download-file-by-name", "--noProgress", "cli-bucket", "p/big.bin", "back.bin"});
  EXPECT_EQ(ws_.Read("back.bin"), ws_.Read("src/sub/big.bin"));
}

TEST_F(B2CommandLineTest, HidesAndDeletes) {
  Upload("src/a.txt", "p/a.txt");
  B2({"hide-file", "cli-bucket", "p/a.txt"});
  EXPECT_EQ(B2({"ls", "--recursive", "cli-bucket"}), "");
  const auto versions = world_.server().Versions("cli-bucket");
  ASSERT_EQ(versions.size(), 2U);
  B2({"delete-file-version", "p/a.txt", versions[0].id});
  EXPECT_EQ(B2({"ls", "--recursive", "cli-bucket"}), "p/a.txt\n");
  B2({"delete-file-version", "p/a.txt", versions[1].id});
  B2({"delete-bucket", "cli-bucket"});
  EXPECT_THAT(B2({"list-buckets"}), Not(HasSubstr("cli-bucket")));
}

TEST_F(B2CommandLineTest, SynchronisesAFolderThereAndBack) {
  B2({"sync", "--noProgress", "src", "b2://cli-bucket/s"});
  ws_.MakeFolder("back");
  B2({"sync", "--noProgress", "b2://cli-bucket/s", "back"});
  EXPECT_EQ(Do({"diff", "-r", "src", "back"}), "");
}

TEST_F(B2CommandLineTest, AKeyMayDoOnlyWhatItWasMadeFor) {
  Upload("src/a.txt", "r/a.txt");
  const std::string made = B2({"create-key", "--bucket", "cli-bucket", "--namePrefix", "r/",
                               "reader", "listBuckets,listFiles,readFiles"});
  EXPECT_THAT(B2({"list-keys", "--long"}), HasSubstr("'r/'   listBuckets,listFiles,readFiles"));
  const std::size_t space = made.find(' ');
  Authorize({made.substr(0, space), made.substr(space + 1, made.find('\n') - space - 1)});
  B2({"download-file-by-name", "--noProgress", "cli-bucket", "r/a.txt", "back.txt"});
  EXPECT_EQ(ws_.Read("back.txt"), "hello\n");
  const Ran upload = ws_.Run(
      {"backblaze-b2", "upload-file", "--noProgress", "cli-bucket", "src/a.txt", "r/b.txt"});
  EXPECT_NE(upload.code, 0);
  EXPECT_THAT(upload.err, HasSubstr("unauthorized for application key with capabilities"));
}

}  // namespace
}  // namespace runner::testing
