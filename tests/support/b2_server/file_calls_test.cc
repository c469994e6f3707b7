#include <gmock/gmock.h>

#include "tests/support/b2_server/api_fixture.h"

namespace runner::testing::b2 {
namespace {

using ::testing::HasSubstr;

class FileCallsTest : public ApiFixture {
 protected:
  JsonObject InBucket() { return JsonObject().Text("bucketId", bucket_); }
  static std::string IdOf(const Reply& reply) { return Fields(reply.Text()).Text("fileId"); }
};

TEST_F(FileCallsTest, DownloadsWhatWasUploadedWithItsHeaders) {
  const Reply uploaded = Upload("a b/ü", "content", {{"X-Bz-Info-Author", "me%20too"}});
  ASSERT_EQ(uploaded.status, 200);
  const Reply reply = Download("a b/ü");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Text(), "content");
  EXPECT_EQ(HeaderOf(reply, "X-Bz-File-Id"), IdOf(uploaded));
  EXPECT_EQ(HeaderOf(reply, "X-Bz-File-Name"), "a%20b/%C3%BC");
  EXPECT_EQ(HeaderOf(reply, "X-Bz-Content-Sha1"), Sha1Hex("content"));
  EXPECT_EQ(HeaderOf(reply, "X-Bz-Info-author"), "me%20too");
  EXPECT_EQ(reply.content_type, "application/octet-stream");
}

TEST_F(FileCallsTest, VerifiesTheHashOfAnUpload) {
  EXPECT_EQ(Upload("a", "content", {{"X-Bz-Content-Sha1", Sha1Hex("other")}}).status, 400);
  EXPECT_EQ(Upload("a", "content", {{"X-Bz-Content-Sha1", ""}}).status, 400);
  EXPECT_EQ(Download("a").status, 404) << "nothing was stored";
  EXPECT_EQ(Upload("a", "content", {{"X-Bz-Content-Sha1", "do_not_verify"}}).status, 200);
  const Reply at_end =
      Upload("b", "content" + Sha1Hex("content"), {{"X-Bz-Content-Sha1", "hex_digits_at_end"}});
  EXPECT_EQ(at_end.status, 200);
  EXPECT_EQ(Download("b").Text(), "content");
  EXPECT_EQ(Upload("c", "content" + Sha1Hex("other"), {{"X-Bz-Content-Sha1", "hex_digits_at_end"}})
                .status,
            400);
  EXPECT_EQ(Upload("c", "short", {{"X-Bz-Content-Sha1", "hex_digits_at_end"}}).status, 400);
}

TEST_F(FileCallsTest, ServesRangesAndRefusesThosePastTheEnd) {
  Upload("a", "0123456789");
  const Reply middle = Download("a", "bytes=2-4");
  EXPECT_EQ(middle.status, 206);
  EXPECT_EQ(middle.Text(), "234");
  EXPECT_EQ(HeaderOf(middle, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(Download("a", "bytes=8-99").Text(), "89") << "clamped";
  EXPECT_EQ(Download("a", "bytes=9-").Text(), "9");
  EXPECT_EQ(Download("a", "bytes=10-").status, 416);
  EXPECT_EQ(Download("a", "bytes=5-4").status, 416);
  Upload("empty", "");
  EXPECT_EQ(Download("empty").status, 200);
  EXPECT_EQ(Download("empty", "bytes=0-0").status, 416);
}

TEST_F(FileCallsTest, SaysThatAFileDoesNotExistAsB2Does) {
  const Reply reply = Download("absent");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.Text(),
            R"({"status":404,"code":"not_found","message":"File with such name does not exist."})");
}

TEST_F(FileCallsTest, DownloadsById) {
  const std::string id = IdOf(Upload("a", "old"));
  Upload("a", "new");
  const Reply reply = Send({.method = "GET",
                            .path = "/b2api/v1/b2_download_file_by_id",
                            .query = "fileId=" + id,
                            .headers = {{"Authorization", token_}}});
  EXPECT_EQ(reply.Text(), "old");
}

TEST_F(FileCallsTest, BillsAListingByTheThousandNames) {
  api_.With([&](Store& store, Keys&) {
    for (int i = 0; i < 1001; ++i)
      if (!store.Upload(bucket_, {.name = "n" + std::to_string(i)})) ADD_FAILURE();
  });
  const auto units = [&](int max) {
    return api_
        .Handle({.path = "/b2api/v1/b2_list_file_names",
                 .headers = {{"Authorization", token_}},
                 .body = std::make_shared<const std::string>(
                     InBucket().Number("maxFileCount", max).str())})
        .units;
  };
  EXPECT_EQ(units(1), 1);
  EXPECT_EQ(units(1000), 1);
  EXPECT_EQ(units(1001), 2);
}

TEST_F(FileCallsTest, ListsHidesAndDeletes) {
  const std::string id = IdOf(Upload("a", "x"));
  const std::string name = InBucket().Text("fileName", "a").str();
  EXPECT_EQ(Call("b2_hide_file", name).status, 200);
  EXPECT_EQ(CodeOf(Call("b2_hide_file", name)), "no_such_file");
  EXPECT_EQ(Fields(Call("b2_list_file_names", InBucket().str()).Text()).Json("files"), "[]");
  const std::string versions(Call("b2_list_file_versions", InBucket().str()).Text());
  EXPECT_THAT(versions, HasSubstr(R"("action":"hide")"));
  EXPECT_THAT(versions, HasSubstr(R"("nextFileId":null)"));
  const std::string version = JsonObject().Text("fileName", "a").Text("fileId", id).str();
  EXPECT_EQ(Call("b2_delete_file_version", version).status, 200);
  EXPECT_EQ(CodeOf(Call("b2_delete_file_version", version)), "file_not_present");
  EXPECT_EQ(Call("b2_list_file_names", InBucket().Number("maxFileCount", 10001).str()).status, 400);
}

TEST_F(FileCallsTest, MakesALargeFileOfItsParts) {
  const std::string id =
      IdOf(Call("b2_start_large_file",
                InBucket().Text("fileName", "big").Text("contentType", "b2/x-auto").str()));
  const std::string file = JsonObject().Text("fileId", id).str();
  for (const auto& [number, content] :
       std::vector<std::pair<std::string, std::string>>{{"1", "abc"}, {"2", "d"}}) {
    const Fields url(Call("b2_get_upload_part_url", file).Text());
    EXPECT_EQ(Send({.path = "/b2api/v1/b2_upload_part/" + id,
                    .headers = {{"Authorization", url.Text("authorizationToken")},
                                {"X-Bz-Part-Number", number},
                                {"X-Bz-Content-Sha1", Sha1Hex(content)}},
                    .body = std::make_shared<const std::string>(content)})
                  .status,
              200);
  }
  EXPECT_THAT(std::string(Call("b2_list_parts", file).Text()), HasSubstr(R"("partNumber":2)"));
  EXPECT_THAT(std::string(Call("b2_list_unfinished_large_files", InBucket().str()).Text()),
              HasSubstr(id));
  const std::string finish =
      JsonObject().Text("fileId", id).Texts("partSha1Array", {Sha1Hex("abc"), Sha1Hex("d")}).str();
  EXPECT_EQ(Call("b2_finish_large_file", finish).status, 200);
  EXPECT_EQ(Download("big").Text(), "abcd");
  EXPECT_EQ(HeaderOf(Download("big"), "X-Bz-Content-Sha1"), "none");
  EXPECT_EQ(Call("b2_cancel_large_file", file).status, 400);
}

TEST_F(FileCallsTest, OnlyTheLastPartMayBeSmall) {
  const std::string id =
      IdOf(Call("b2_start_large_file", InBucket().Text("fileName", "big").str()));
  api_.With([&](Store& store, Keys&) {
    for (const int number : {1, 2}) {
      const Part part{number, Sha1Hex("ab"), std::make_shared<const std::string>("ab")};
      if (!store.AddPart(id, part)) ADD_FAILURE();
    }
  });
  const Reply reply = Call(
      "b2_finish_large_file",
      JsonObject().Text("fileId", id).Texts("partSha1Array", {Sha1Hex("ab"), Sha1Hex("ab")}).str());
  EXPECT_THAT(std::string(reply.Text()), HasSubstr("Part number 1 is smaller than 3 bytes"));
}

TEST_F(FileCallsTest, CopiesOnTheServer) {
  const std::string id = IdOf(Upload("a", "x", {{"X-Bz-Info-k", "v"}}));
  const Reply copy =
      Call("b2_copy_file", JsonObject().Text("sourceFileId", id).Text("fileName", "b").str());
  EXPECT_EQ(copy.status, 200);
  EXPECT_EQ(Download("b").Text(), "x");
  EXPECT_EQ(HeaderOf(Download("b"), "X-Bz-Info-k"), "v");
}

TEST_F(FileCallsTest, KnowsTheNameThatARequestIsAbout) {
  const std::string id = IdOf(Upload("a b", "x"));
  const auto name = [&](const std::string& path, const std::string& body,
                        std::map<std::string, std::string, IgnoringCase> headers = {}) {
    return api_.NameOf({.path = path,
                        .headers = std::move(headers),
                        .body = std::make_shared<const std::string>(body)});
  };
  EXPECT_EQ(name("/file/bucket/a%20b", ""), "a b");
  EXPECT_EQ(name("/b2api/v1/b2_upload_file/" + bucket_, "", {{"X-Bz-File-Name", "a+b"}}), "a b");
  EXPECT_EQ(name("/b2api/v1/b2_list_file_names", R"({"prefix":"r/"})"), "r/");
  EXPECT_EQ(name("/b2api/v1/b2_get_file_info", JsonObject().Text("fileId", id).str()), "a b");
  EXPECT_EQ(name("/b2api/v1/b2_list_buckets", "{}"), "");
}

}  // namespace
}  // namespace runner::testing::b2
