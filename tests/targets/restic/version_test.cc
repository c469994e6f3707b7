#include "targets/restic/version.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(ResticVersion, IsReadFromEveryNotationOfRestic) {
  const auto read = [](std::string_view text) { return ParseResticVersion(text).value(); };
  EXPECT_EQ(read("restic 0.14.0 compiled with go1.19.8 on linux/amd64\n"),
            (ResticVersion{0, 14, 0}));
  EXPECT_EQ(read("restic 0.16.4"), (ResticVersion{0, 16, 4}));
  EXPECT_EQ(read("restic 0.18.0-dev (compiled manually) compiled with go1.24 on linux/amd64\n"),
            (ResticVersion{0, 18, 0}));
  EXPECT_EQ(read("restic v0.12.1 compiled with go1.16"), (ResticVersion{0, 12, 1}));
  EXPECT_EQ(read(R"({"message_type":"version","version":"0.19.1","go_version":"go1.26.8"})"),
            (ResticVersion{0, 19, 1}));
  EXPECT_EQ(read("restic 1.2.3\nsecond line"), (ResticVersion{1, 2, 3}));
}

TEST(ResticVersion, IsRefusedFromAnythingElse) {
  for (const char* text :
       {"", "restic", "restic ", "restic 0.14", "restic 0.14.", "restic 0.14.0.1", "restic 0.14.0x",
        "restic x.14.0", "restic 0.1234567.0", "borg 1.2.3", "{}", R"({"go":"1"})",
        "\nrestic 0.14.0"}) {
    const auto version = ParseResticVersion(text);
    ASSERT_FALSE(version.has_value()) << text;
    EXPECT_NE(version.error().message.find("cannot read restic's version from \""),
              std::string::npos);
    EXPECT_FALSE(version.error().hint.empty());
  }
}

TEST(ResticVersion, IsOrderedByNumbersNotText) {
  EXPECT_LT((ResticVersion{0, 9, 6}), (ResticVersion{0, 14, 0}));
  EXPECT_LT((ResticVersion{0, 17, 0}), (ResticVersion{0, 17, 1}));
  EXPECT_LT((ResticVersion{0, 19, 9}), (ResticVersion{1, 0, 0}));
}

TEST(ResticVersion, IsPrintedAsResticPrintsIt) {
  EXPECT_EQ(FormatResticVersion({0, 14, 0}), "0.14.0");
  EXPECT_EQ(FormatResticVersion({}), "0.14.0");
}

}  // namespace
}  // namespace targets
