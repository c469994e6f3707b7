#include "tests/support/b2_server/message.h"

#include <gtest/gtest.h>

namespace runner::testing::b2 {
namespace {

TEST(Message, FindsTheCallInAPath) {
  EXPECT_EQ(TargetOf("/b2api/v1/b2_list_buckets").api, "b2_list_buckets");
  EXPECT_EQ(TargetOf("/b2api/v3/b2_list_buckets").version, 3);
  EXPECT_EQ(TargetOf("/b2api/v2/b2_upload_file/BUCKET").rest, "BUCKET");
  EXPECT_EQ(TargetOf("/file/bucket/a/b%20c").api, "b2_download_file_by_name");
  EXPECT_EQ(TargetOf("/file/bucket/a/b%20c").rest, "bucket/a/b%20c");
  EXPECT_EQ(TargetOf("/").api, "");
  EXPECT_EQ(TargetOf("/b2api/v").api, "");
  EXPECT_EQ(TargetOf("/b2api/v12/b2_list_buckets").api, "");
}

TEST(Message, DecodesNamesAsB2Does) {
  EXPECT_EQ(PercentDecode("a%2Fb+c%20d%"), "a/b c d%");
  EXPECT_EQ(PercentDecode("%zz%C3%BC"), "%zzü");
  EXPECT_EQ(PercentEncode("r/a b+ü%"), "r/a%20b%2B%C3%BC%25");
  EXPECT_EQ(PercentDecode(PercentEncode("r/a b+ü%")), "r/a b+ü%");
}

TEST(Message, HeadersIgnoreCase) {
  Request request;
  request.headers["X-Bz-File-Name"] = "a";
  EXPECT_EQ(request.Header("x-bz-file-name"), "a");
  EXPECT_EQ(request.Header("Range"), "");
}

TEST(Message, HashesAndDecodes) {
  EXPECT_EQ(Sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Base64Decode("aWQ6c2VjcmV0"), "id:secret");
  EXPECT_EQ(Base64Decode("aWQ6a2V5cw=="), "id:keys");
  EXPECT_EQ(Base64Decode("no base64"), "");
}

}  // namespace
}  // namespace runner::testing::b2
