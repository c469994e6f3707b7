#include "runner/http/message.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using Form = std::map<std::string, std::string>;

TEST(Destination, IsAPathAndAQuery) {
  EXPECT_EQ(ParseDestination("/targets/a%20b?x=1%262&y=a+b"),
            (Destination{"/targets/a b", {{"x", "1&2"}, {"y", "a b"}}}));
  EXPECT_EQ(ParseDestination("/a+b#part"), (Destination{"/a+b", {}}));
}

TEST(Destination, IsRefusedIfItIsMalformed) {
  for (const char* text : {"", "x", "http://a/", "/%", "/%4", "/%zz", "/%00", "/?%", "*"})
    EXPECT_FALSE(ParseDestination(text)) << text;
}

TEST(Destination, IsRefusedIfItIsTooLong) {
  EXPECT_TRUE(ParseDestination("/" + std::string(kLongestTarget - 1, 'a')));
  EXPECT_FALSE(ParseDestination("/" + std::string(kLongestTarget, 'a')));
}

TEST(Form, TakesTheFirstOfEqualNamesAndCountsThem) {
  EXPECT_EQ(ParseForm(""), Form{});
  EXPECT_EQ(ParseForm("a=1&a=2&b"), (Form{{"a", "1"}, {"b", ""}}));
  std::string most = "a=0";
  for (std::size_t i = 1; i < kMostParameters; ++i) most += "&a=1";
  EXPECT_TRUE(ParseForm(most));
  EXPECT_FALSE(ParseForm(most + "&a=1"));
}

TEST(Cookie, IsFoundByItsWholeName) {
  EXPECT_EQ(ReadCookie("xrunner=no; runner=abc=; other=1", "runner"), "abc=");
  EXPECT_EQ(ReadCookie("xrunner=no", "runner"), "");
  EXPECT_EQ(ReadCookie("", "runner"), "");
}

TEST(Host, HasNoPortAndSmallLetters) {
  EXPECT_EQ(HostOf("Backup.Example.org:8787"), "backup.example.org");
  EXPECT_EQ(HostOf("[::1]:80"), "::1");
  EXPECT_EQ(HostOf("[::1"), "");
  EXPECT_EQ(HostOf(""), "");
}

TEST(Host, IsOursByAddressOrByAKnownName) {
  for (const char* host : {"localhost", "127.0.0.1", "192.168.1.7", "::1", "backup.example.org"})
    EXPECT_TRUE(HostIsOurs(host, {"backup.example.org"})) << host;
  for (const char* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"})
    EXPECT_FALSE(HostIsOurs(host, {"backup.example.org"})) << host;
}

TEST(Secret, IsTheSameOnlyInEveryByte) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", "abcabc"));
  EXPECT_FALSE(SameSecret("abcabc", "abc"));
  EXPECT_FALSE(SameSecret("abc", ""));
}

}  // namespace
}  // namespace runner
