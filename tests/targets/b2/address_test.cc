#include "targets/b2/address.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(B2Address, ReadsTheNativeNotation) {
  using enum B2Interface;
  EXPECT_EQ(B2AddressOf("b2:vault:host"), (B2Address{kNative, "", "vault", "host"}));
  EXPECT_EQ(B2AddressOf("b2:vault:/a//b/./c/"), (B2Address{kNative, "", "vault", "a/b/c"}));
  EXPECT_EQ(B2AddressOf("b2:vault:a/../b"), (B2Address{kNative, "", "vault", "b"}));
  EXPECT_EQ(B2AddressOf("b2:vault"), (B2Address{kNative, "", "vault", ""}));
  EXPECT_EQ(B2AddressOf("b2:vault:"), (B2Address{kNative, "", "vault", ""}));
  EXPECT_EQ(B2AddressOf("b2:vault:a:b"), (B2Address{kNative, "", "vault", "a:b"}));
}

TEST(B2Address, ReadsTheS3NotationOfBackblazeAlone) {
  using enum B2Interface;
  const B2Address address{kS3, "us-west-004", "vault", "a/b"};
  EXPECT_EQ(B2AddressOf("s3:https://s3.us-west-004.backblazeb2.com/vault/a/b/"), address);
  EXPECT_EQ(B2AddressOf("s3:s3.us-west-004.backblazeb2.com/vault/a/b"), address);
  EXPECT_EQ(B2AddressOf("s3:https://s3.us-west-004.backblazeb2.com:443/vault"),
            (B2Address{kS3, "us-west-004", "vault", ""}));
  EXPECT_EQ(B2AddressOf("s3:https://s3.us-west-004.backblazeb2.com"),
            (B2Address{kS3, "us-west-004", "", ""}));
  for (const char* url : {"s3:https://s3.amazonaws.com/vault", "/srv/repo", "rclone:b2:vault",
                          "rest:https://s3.us-west-004.backblazeb2.com/", "sftp:b2:/x", ""})
    EXPECT_EQ(B2AddressOf(url), std::nullopt) << url;
}

TEST(B2Address, KnowsWhatEveryNameStartsWith) {
  EXPECT_EQ(NamePrefixOf({.bucket = "vault", .path = "a/b"}), "a/b/");
  EXPECT_EQ(NamePrefixOf({.bucket = "vault"}), "");
}

}  // namespace
}  // namespace targets
