#include "targets/config/formats.h"

#include <gtest/gtest.h>

#include <vector>

namespace targets {
namespace {

struct FormatCase {
  const char* format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const std::vector<FormatCase>& Cases() {
  static const std::vector<FormatCase> cases = {
      {"target-id",
       {"a", "9", "my-photos", "a--b", std::string(63, 'a')},
       {"", "-a", "A", "a_b", "a.b", "a b", std::string(64, 'a')}},
      {"instance",
       {"server1", "NAS.local", "a_b", std::string(63, 'a')},
       {"", "-a", ".a", "a b", "a/b", std::string(64, 'a')}},
      {"cron",
       {"0 2 * * *", "@daily", "manual", "0 0 29 2 *"},
       {"", "6h", "0 0 30 2 *", "* * * *", "off"}},
      {"cron-or-off", {"off", "@hourly"}, {"no", ""}},
      {"timezone", {"UTC", "Europe/Berlin"}, {"", "Mars/Olympus", "../UTC"}},
      {"duration", {"0s", "90", "1h30m"}, {"", "h", "1y"}},
      {"days", {"1d", "24h", "400d"}, {"", "0d", "23h", "86399s"}},
      {"listen", {"off", "127.0.0.1:8787", "[::1]"}, {"", "8787", "example.org:80"}},
      {"host-name", {"smtp.example.com", "::1", "NAS"}, {"", "a b", "a/b"}},
      {"web-name", {"backup.example.org", "nas"}, {"", "A", "a:80", "http://a", "a b"}},
      {"period", {"1s"}, {"0s", "0", ""}},
      {"interval", {"1m", "60"}, {"59s", "0"}},
      {"size", {"1", "10GiB"}, {"0", "", "x"}},
      {"rate", {"1KiB/s", "5MiB/s"}, {"1023", "0", "fast"}},
      {"absolute-path", {"/", "/a", "/a//b/"}, {"", "a", "~/a", "/a/../b", "/.."}},
      {"relative-path", {"a", ".volume-id", "a/b"}, {"", "/a", "../a", "a/.."}},
      {"file-name", {"app.sql", ".x"}, {"", ".", "..", "a/b", std::string(256, 'a')}},
      {"repository-id",
       {std::string(64, 'a')},
       {"", std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A')}},
      {"tag", {"a", "keep me"}, {"", "a,b", "target:x", "quarantine"}},
      {"pattern", {"*.tmp", " a"}, {"", " ", "a\nb"}},
      {"environment-name", {"A", "_a1"}, {"", "1A", "A-B", "A B"}},
      {"within", {"1y6m", "30d", "2d12h"}, {"", "30", "0d", "1w", "-1d"}},
      {"max-unused", {"5%", "0%", "10GiB", "unlimited"}, {"", "five", "101%", "%"}},
      {"read-data", {"none", "1/1", "1/9999"}, {"", "2/30", "1/0", "1/10000", "1/", "10%"}},
      {"share", {"0%", "100%", "50.5%", "0.5", "1"}, {"", "%", "101%", "1.1", "-1%", "1.2.3", "."}},
      {"secret", {"hunter2"}, {"", " x", "x ", "x\ny"}},
      {"off", {"off"}, {"", "no", "Off"}},
      {"retention-count", {"unlimited"}, {"", "7", "forever"}},
      {"repository-url",
       {"/repo", "/a:b", "b2:bucket:path", "b2:bucket", "s3:https://host/bucket",
        "rest:https://host/", "sftp:u@h:/p", "rclone:r:p", "local:/a", "azure:c:/", "gs:b:/"},
       {"", " ", "repo", "./repo", "b2:", "b2::x", "https://host/", "rest:host", "ftp:host",
        " /repo", "/repo\n"}},
  };
  return cases;
}

TEST(Formats, HaveTwoSides) {
  for (const FormatCase& each : Cases()) {
    for (const std::string& text : each.good) {
      const auto checked = CheckFormat(each.format, text);
      EXPECT_TRUE(checked) << each.format << " refuses \"" << text << "\"";
    }
    for (const std::string& text : each.bad) {
      EXPECT_FALSE(CheckFormat(each.format, text)) << each.format << " accepts \"" << text << "\"";
    }
  }
}

TEST(Formats, NeverQuoteASecret) {
  for (const char* text : {" hunter2", "hunter2\n", "hunter2 "}) {
    const auto checked = CheckFormat("secret", text);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message.find("hunter2"), std::string::npos);
  }
  const auto url = CheckFormat("repository-url", "https://user:hunter2@host/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
}

TEST(Formats, ReadShares) {
  EXPECT_DOUBLE_EQ(ShareOf("50%"), 0.5);
  EXPECT_DOUBLE_EQ(ShareOf("0.25"), 0.25);
}

TEST(Formats, NameVariablesAfterTargets) {
  EXPECT_EQ(EnvironmentForm("my-photos-2"), "MY_PHOTOS_2");
}

}  // namespace
}  // namespace targets
