#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/keys/repository_files.h"
#include "runner/net/basic_authorization.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using ::testing::HasSubstr;

const RepositoryFile kFile{"keys", "0123", "content"};

class FolderFilesTest : public ::testing::Test {
 protected:
  testing::MemoryFileSystem files_;
  FolderFiles folder_{files_, "/srv/repo", FolderFiles::Owner::kThisProcess};
  StopHandle stop_;
};

TEST_F(FolderFilesTest, LeaveNothingButTheFile) {
  files_.AddFolder("/srv/repo/keys");
  ASSERT_TRUE(files_.WriteDurably("/srv/repo/config", "sealed", 0400));
  ASSERT_TRUE(folder_.Put(kFile, stop_));
  EXPECT_EQ(files_.List("/srv/repo/keys", 10).value(), std::vector<std::string>{"0123"});
  EXPECT_EQ(files_.Read("/srv/repo/keys/0123", 100).value(), "content");
}

TEST_F(FolderFilesTest, MakeNoRepositoryWhereThereIsNone) {
  EXPECT_FALSE(folder_.Put(kFile, stop_));
  files_.AddFolder("/srv/repo/keys");
  EXPECT_FALSE(folder_.Put(kFile, stop_));  // an unmounted one, say: there is no config
  EXPECT_TRUE(files_.List("/srv/repo/keys", 10)->empty());
}

class Transport final : public HttpTransport {
 public:
  HttpResult Send(const HttpRequest& request, const Stopped& /*stopped*/) override {
    sent = request;
    return reply;
  }
  HttpRequest sent;
  HttpResult reply = HttpResponse{200, {}, ""};
};

class RestFilesTest : public ::testing::Test {
 protected:
  Outcome<void> Put(const std::string& url,
                    const std::map<std::string, std::string>& environment = {}) {
    return RestFiles(transport_, url, environment).Put(kFile, stop_);
  }
  std::string Authorization() {
    const auto found = transport_.sent.headers.find("Authorization");
    return found == transport_.sent.headers.end() ? "(none)" : found->second;
  }

  Transport transport_;
  StopHandle stop_;
};

TEST_F(RestFilesTest, ArePosted) {
  ASSERT_TRUE(Put("rest:https://backup.example.com:8000/server1"));
  EXPECT_EQ(transport_.sent.method, "POST");
  EXPECT_EQ(transport_.sent.url, "https://backup.example.com:8000/server1/keys/0123");
  EXPECT_EQ(transport_.sent.body, "content");
  EXPECT_EQ(Authorization(), "(none)");
  ASSERT_TRUE(Put("rest:http://localhost:8000/"));
  EXPECT_EQ(transport_.sent.url, "http://localhost:8000/keys/0123");
}

TEST_F(RestFilesTest, TakeUserAndPasswordFromTheUrlAndLeaveThemOutOfIt) {
  ASSERT_TRUE(Put("rest:https://me:p%40ss@host/path/"));
  EXPECT_EQ(transport_.sent.url, "https://host/path/keys/0123");
  EXPECT_EQ(Authorization(), BasicAuthorization("me:p@ss"));
}

TEST_F(RestFilesTest, TakeUserAndPasswordFromTheEnvironment) {
  ASSERT_TRUE(Put("rest:https://host/",
                  {{"RESTIC_REST_USERNAME", "me"}, {"RESTIC_REST_PASSWORD", "sesame"}}));
  EXPECT_EQ(Authorization(), BasicAuthorization("me:sesame"));
}

TEST_F(RestFilesTest, SayThatTheServerDoesNotTakeThem) {
  transport_.reply = HttpResponse{403, {}, ""};
  EXPECT_THAT(Put("rest:https://host/").error().reason, HasSubstr("403"));
  transport_.reply = tl::unexpected(HttpError{HttpError::Kind::kUnreachable, "host: refused"});
  EXPECT_EQ(Put("rest:https://host/").error().cause, Cause::kNetwork);
}

TEST_F(FolderFilesTest, KnowTheSnapshots) {
  EXPECT_FALSE(folder_.Snapshots(stop_));
  files_.AddFile("/srv/repo/snapshots/" + std::string(64, 'a'), "sealed");
  EXPECT_EQ(folder_.Snapshots(stop_), std::set{targets::SnapshotId(std::string(64, 'a'))});
}

TEST_F(RestFilesTest, KnowTheSnapshots) {
  RestFiles files(transport_, "rest:https://me:sesame@host/path", {});
  transport_.reply = HttpResponse{200, {}, "[\"" + std::string(64, 'a') + "\",\"abc\"]"};
  EXPECT_EQ(files.Snapshots(stop_), std::set{targets::SnapshotId(std::string(64, 'a'))});
  transport_.reply =
      HttpResponse{200, {}, "[{\"name\":\"" + std::string(64, 'a') + "\",\"size\":7},{}]"};
  EXPECT_EQ(files.Snapshots(stop_), std::set{targets::SnapshotId(std::string(64, 'a'))});
  EXPECT_EQ(transport_.sent.headers.at("Accept"), "application/vnd.x.restic.rest.v2");
  EXPECT_EQ(transport_.sent.url, "https://host/path/snapshots/");
  EXPECT_EQ(transport_.sent.method, "GET");
  EXPECT_EQ(Authorization(), BasicAuthorization("me:sesame"));
  for (const char* body : {"", "{}", "<html>", "[\"a"}) {
    transport_.reply = HttpResponse{200, {}, body};
    EXPECT_FALSE(files.Snapshots(stop_)) << body;
  }
  transport_.reply = HttpResponse{404, {}, "[]"};
  EXPECT_FALSE(files.Snapshots(stop_));
  transport_.reply = tl::unexpected(HttpError{HttpError::Kind::kUnreachable, "host: refused"});
  EXPECT_FALSE(files.Snapshots(stop_));
}

}  // namespace
}  // namespace runner
