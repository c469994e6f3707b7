#include <gtest/gtest.h>

#include <deque>

#include "runner/keys/crypto.h"
#include "runner/keys/repository_files.h"
#include "tests/support/fake_clock.h"

namespace runner {
namespace {

/// Backblaze B2 with one bucket; uploads get the replies that a test lists, then success.
class UploadServer final : public HttpTransport {
 public:
  HttpResult Send(const HttpRequest& request, const Stopped& /*stopped*/) override {
    const std::string call = request.url.substr(request.url.rfind('/') + 1);
    calls.push_back(call);
    if (call == "b2_authorize_account") return Ok(account);
    if (call == "b2_list_buckets")
      return Ok(
          R"({"buckets":[{"bucketId":"b7","bucketName":"vault","bucketType":"allPrivate"}]})");
    if (call == "b2_list_file_names") {
      asked += request.body;
      const HttpResult page = pages.empty() ? HttpResponse{503, {}, "{}"} : pages.front();
      if (!pages.empty()) pages.pop_front();
      return page;
    }
    if (call == "b2_get_upload_url") {
      asked = request.body;
      return Ok(R"({"uploadUrl":")" + upload_url + R"(","authorizationToken":"up"})");
    }
    upload = request;
    if (replies.empty()) return Ok("{}");
    HttpResult reply = std::move(replies.front());
    replies.pop_front();
    return reply;
  }
  static HttpResult Ok(const std::string& body) { return HttpResponse{200, {}, body}; }

  std::string account = R"({"accountId":"acc","authorizationToken":"t",
    "apiInfo":{"storageApi":{"apiUrl":"https://api.example.com",
    "allowed":{"buckets":null,"capabilities":["writeFiles","listBuckets"],"namePrefix":null}}}})";
  std::string upload_url = "https://pod.example.com/u";
  std::deque<HttpResult> replies;
  std::deque<HttpResult> pages;  // of names of files
  std::vector<std::string> calls;
  std::string asked;
  HttpRequest upload;
};

class B2FilesTest : public ::testing::Test {
 protected:
  Outcome<void> Put() { return files_.Put({"keys", "0123", "content"}, stop_); }
  static HttpResult Page(const std::string& name, const std::string& next) {
    return UploadServer::Ok(R"({"files":[{"fileName":")" + name + R"("}],"nextFileName":)" + next +
                            "}");
  }

  runner::testing::FakeClock clock_;
  UploadServer server_;
  B2Client client_{server_, clock_, [this](std::chrono::milliseconds by) { clock_.Advance(by); },
                   "1"};
  B2Files files_{client_,
                 {"id", targets::Secret("key")},
                 {targets::B2Interface::kNative, "", "vault", "a b/server1"}};
  StopHandle stop_;
};

TEST_F(B2FilesTest, AreUploadedBelowThePathOfTheRepository) {
  ASSERT_TRUE(Put());
  EXPECT_EQ(server_.asked, R"({"bucketId":"b7"})");
  EXPECT_EQ(server_.upload.url, "https://pod.example.com/u");
  EXPECT_EQ(server_.upload.headers.at("Authorization"), "up");
  EXPECT_EQ(server_.upload.headers.at("X-Bz-File-Name"), "a%20b/server1/keys/0123");
  EXPECT_EQ(server_.upload.headers.at("X-Bz-Content-Sha1"), Sha1Hex("content").value());
  EXPECT_EQ(server_.upload.body, "content");
}

TEST_F(B2FilesTest, OfAKeyForOneBucketNeedNoListingOfBuckets) {
  const std::string all = R"("buckets":null)";
  server_.account.replace(server_.account.find(all), all.size(),
                          R"("buckets":[{"id":"b9","name":"vault"}])");
  ASSERT_TRUE(Put());
  EXPECT_EQ(server_.asked, R"({"bucketId":"b9"})");
}

TEST_F(B2FilesTest, GoToAnotherPlaceWhenOneIsBusy) {
  server_.replies = {HttpResponse{503, {}, "{}"}, HttpResponse{401, {}, "{}"}};
  ASSERT_TRUE(Put());
  EXPECT_EQ(std::count(server_.calls.begin(), server_.calls.end(), "b2_get_upload_url"), 3);
}

TEST_F(B2FilesTest, AreNotSentTwiceWhenNobodyKnowsWhetherTheyArrived) {
  server_.replies = {tl::unexpected(HttpError{HttpError::Kind::kTimeout, "no reply"})};
  EXPECT_FALSE(Put());
  EXPECT_EQ(server_.calls.back(), "u");
}

TEST_F(B2FilesTest, AreNotTriedWithAKeyThatMayNotWrite) {
  server_.account.replace(server_.account.find("writeFiles"), 10, "readFiles");
  const auto put = Put();
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().reason, "the application key may not write files");
  EXPECT_EQ(server_.calls, std::vector<std::string>{"b2_authorize_account"});
}

TEST_F(B2FilesTest, AreNotSentOverANetworkInTheOpen) {
  server_.upload_url = "http://pod.example.com/u";
  EXPECT_FALSE(Put());
  EXPECT_EQ(server_.calls.back(), "b2_get_upload_url");
}

TEST_F(B2FilesTest, KnowTheSnapshotsOfAllPages) {
  const std::string first(64, 'a');
  const std::string second(64, 'b');
  const std::string folder = "a b/server1/snapshots/";
  server_.pages = {Page(folder + first, "\"" + folder + second + "\""),
                   Page(folder + second, "null")};
  EXPECT_EQ(files_.Snapshots(stop_),
            (std::set{targets::SnapshotId(first), targets::SnapshotId(second)}));
  const std::string question =
      R"({"bucketId":"b7","prefix":"a b/server1/snapshots/","maxFileCount":1000)";
  EXPECT_EQ(server_.asked,
            question + "}" + question + R"(,"startFileName":")" + folder + second + R"("})");
}

TEST_F(B2FilesTest, KnowNoSnapshotsOfPagesThatDoNotEnd) {
  server_.pages = {Page("x", "\"x\""), Page("x", "\"x\"")};
  EXPECT_FALSE(files_.Snapshots(stop_));
  server_.pages = {UploadServer::Ok("{}")};
  EXPECT_FALSE(files_.Snapshots(stop_));
  server_.pages.clear();
  EXPECT_FALSE(files_.Snapshots(stop_));
}

}  // namespace
}  // namespace runner
