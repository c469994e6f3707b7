#include "runner/status/recovery_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::TargetId;
using ::testing::HasSubstr;
using ::testing::Not;

class RecoverySheetTest : public ::testing::Test {
 protected:
  RecoverySheetTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    config_.repository.password = targets::InlineSecret{targets::Secret("sesame")};
    config_.origins["/repository/password"] = "backup.yaml:5:13";
    config_.targets.resize(2);
    config_.targets[0].id = TargetId("database");
    config_.targets[0].source = targets::CommandSource{{"pg_dump"}, "it's.sql"};
    config_.targets[1].id = TargetId("photos");
    config_.targets[1].source = targets::DirectorySource{"/data/my photos"};
  }

  std::string Sheet() const {
    return RecoverySheet({.config = config_,
                          .configuration_file = "/etc/runner/backup.yaml",
                          .repository_id = std::string(64, 'a'),
                          .facts = facts_,
                          .now = FromUnixSeconds(1'800'000'000),
                          .version = "1.2.3"});
  }
  TargetFacts& Photos() { return facts_[TargetId("photos")]; }
  static GoodSnapshot Good(char digit) {
    return {targets::SnapshotId(std::string(64, digit)), FromUnixSeconds(1'799'990'000), 1, 2048};
  }

  targets::Config config_;
  std::map<TargetId, TargetFacts> facts_;
};

TEST_F(RecoverySheetTest, SaysWhereEachSecretWasAndHoldsNone) {
  config_.repository.url = "rest:https://me:hunter2@host/";
  config_.repository.environment["RCLONE_CONFIG_PASS"] = "opensesame";
  const std::string sheet = Sheet();
  EXPECT_THAT(sheet,
              HasSubstr("RECOVERY SHEET of server1\nMade Fri 2027-01-15 08:00 UTC by runner"));
  EXPECT_THAT(sheet, HasSubstr("was in backup.yaml:5:13"));
  EXPECT_THAT(sheet, HasSubstr("RCLONE_CONFIG_PASS"));
  EXPECT_THAT(sheet, HasSubstr("rest:https://me:***@host/"));
  for (const char* secret : {"sesame", "hunter2"}) EXPECT_THAT(sheet, Not(HasSubstr(secret)));
  config_.repository.password = targets::FileSecret{"/run/secrets/restic"};
  EXPECT_THAT(Sheet(), HasSubstr("was in the file /run/secrets/restic"));
  config_.repository.password = targets::CommandSecret{{"pass", "restic"}};
  EXPECT_THAT(Sheet(), HasSubstr("was in the output of a command"));
}

TEST_F(RecoverySheetTest, AsksForTheKeyByTheNameThatResticWantsThere) {
  config_.repository.b2 = {targets::FileSecret{"/id"}, targets::FileSecret{"/key"}};
  config_.repository.url = "b2:bucket:path";
  EXPECT_THAT(Sheet(), HasSubstr("read -rsp 'B2_ACCOUNT_KEY: ' B2_ACCOUNT_KEY; export B2_"));
  config_.repository.url = "s3:https://s3.us-west-004.backblazeb2.com/bucket/r";
  EXPECT_THAT(Sheet(), HasSubstr("read -rsp 'AWS_SECRET_ACCESS_KEY: ' AWS_SECRET_ACCESS_KEY;"));
}

TEST_F(RecoverySheetTest, BringsEachTargetBack) {
  Photos().newest_good = Good('b');
  const std::string sheet = Sheet();
  EXPECT_THAT(sheet, HasSubstr("  photos: the folder /data/my photos\n"
                               "  when this page was made: snapshot bbbbbbbb of Fri 2027-01-15 "
                               "05:13 UTC,\n  1 file, 2.0 KiB\n"
                               "    restic restore --host server1 --tag target:photos latest "
                               "--target restored\n"));
  EXPECT_THAT(sheet, HasSubstr("  no good snapshot when this page was made\n"
                               "    mkdir -p restored && restic dump --host server1 --tag "
                               "target:database latest '/it'\\''s.sql' > "
                               "'restored/database-it'\\''s.sql'\n"));
}

TEST_F(RecoverySheetTest, DoesNotTakeASuspiciousSnapshotForTheData) {
  Photos().newest_good = Good('b');
  Photos().quarantined.push_back({.snapshot = Good('c'), .reason = "half is gone"});
  EXPECT_THAT(Sheet(), HasSubstr("restic restore " + std::string(64, 'b') + " --target restored"));
}

TEST_F(RecoverySheetTest, FitsOnAPage) {
  std::string line;
  for (std::istringstream lines(Sheet()); std::getline(lines, line);) {
    const bool command = line.starts_with("    ") && line[4] != ' ';
    EXPECT_TRUE(command || line.size() <= 80) << line;
  }
}

}  // namespace
}  // namespace runner
