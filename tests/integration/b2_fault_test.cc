// What native B2 can do to a run, one row each: it ends in bounded time, names the cause, leaves the
// good snapshot, never makes a repository, and all is well again when B2 is.
//
// restic itself waits up to three quarters of a minute in many rows, so all rows of a release run
// side by side; each is a test of its own that waits for its row.
#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/integration/forged_repository.h"
#include "tests/support/b2_server/b2_server.h"
#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using Fault = B2Server::Fault;
using Kind = Fault::Kind;
using Seconds = std::chrono::duration<double>;

constexpr const char* kBucket = "test-bucket";
/// Rows at work at the same time: they mostly wait.
constexpr int kAtOnce = 12;

enum class Doing { kRun, kRestore, kCheck, kPrune };

/// What the key may not do, or where it may not go.
struct KeyRights {
  std::string lacks = "";
  std::string prefix = "";
  std::string secret = "";   // instead of its own
  std::string bucket = "";   // bound to this one instead
};

struct Row {
  std::string name;
  std::vector<Fault> faults;
  int code;             // exit code of the runner
  std::string says;     // a regular expression that the marker matches
  std::string newest_says = "";  // if the newest restic says it otherwise
  int newest_code = -1;
  Doing doing = Doing::kRun;
  KeyRights key = {};
};

struct Outcome {
  Ran run;
  Seconds took{};
  std::string marker;
  int most_requests = 0;  // within a second
  int requests = 0;
  Ran after;
  std::size_t configs = 0;
  std::size_t locks = 0;
  std::size_t snapshots = 0;
};

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string Sha1(const std::string& content) {
  Poco::SHA1Engine engine;
  engine.update(content);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

/// A machine with one target, a B2 of its own, and one good backup behind it.
class Installation {
 public:
  explicit Installation(const std::string& restic)
      : ws_(restic), server_({.folder = ws_.Path("b2"), .plain_after_authorize = true}) {
    bucket_id_ = server_.AddBucket(kBucket);
    server_.AddBucket("another-bucket");
    UploadEmptyRepository();
    Use(server_.AddKey({.buckets = {kBucket}}));
    ws_.Set("HTTPS_PROXY", server_.proxy_url());
    ws_.Set("SSL_CERT_FILE", server_.ca_file());
    ws_.Write("data/a.txt", "alpha");
    ws_.Write("backup.yaml",
              "version: 1\ninstance: test\ntimezone: UTC\nstop_grace: 2s\nstate_dir: " +
                  ws_.Path("state") +
                  "\nrepository:\n  url: b2:test-bucket:r\n  password: correct horse\n"
                  "  b2: {account_id: '${B2_ACCOUNT_ID}', account_key: '${B2_ACCOUNT_KEY}'}\n"
                  "  retry_lock: 0s\n  limits: {stall_timeout: 20s}\n"
                  "targets:\n  data:\n    source: " +
                  ws_.Path("data") +
                  "\n    retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}\n    restore_if_empty: true\n"
                  "    limits: {stall_timeout: 20s, max_runtime: 75s}\n");
  }

  Outcome Live(const Row& row) {
    Outcome outcome;
    const Ran before = ws_.Runner({"run"});
    EXPECT_EQ(before.code, 0) << row.name << " before: " << before.all();
    Prepare(row);
    server_.log().Clear();
    const auto began = std::chrono::steady_clock::now();
    outcome.run = ws_.Runner(Command(row.doing));
    outcome.took = std::chrono::steady_clock::now() - began;
    outcome.marker = Marker(row.doing);
    outcome.requests = server_.log().Total();
    outcome.most_requests = server_.log().MostWithin(1000);
    server_.ClearFaults();
    Use(good_);
    ws_.Write("data/later.txt", "omega");
    outcome.after = ws_.Runner({"run"});
    outcome.configs = server_.Versions(kBucket, "r/config").size();
    outcome.locks = server_.Versions(kBucket, "r/locks/").size();
    outcome.snapshots = server_.Versions(kBucket, "r/snapshots/").size();
    return outcome;
  }

 private:
  void UploadEmptyRepository() {
    const targets::ForgedRepository repository(ws_.Path("seed"), "correct horse");
    for (const auto& entry : fs::recursive_directory_iterator(repository.folder())) {
      if (!entry.is_regular_file()) continue;
      const auto content = std::make_shared<const std::string>(ReadAll(entry.path()));
      const std::string name =
          "r/" + fs::relative(entry.path(), repository.folder()).generic_string();
      server_.With([&](auto& store, auto&) {
        return store.Upload(bucket_id_, {.name = name, .content = content, .sha1 = Sha1(*content)})
            .has_value();
      });
    }
  }

  void Use(const B2Server::Credentials& key) {
    if (good_.id.empty()) good_ = key;
    ws_.Set("B2_ACCOUNT_ID", key.id);
    ws_.Set("B2_ACCOUNT_KEY", key.secret);
  }

  void Prepare(const Row& row) {
    const KeyRights& rights = row.key;
    if (!rights.secret.empty()) Use({good_.id, rights.secret});
    if (!rights.lacks.empty() || !rights.prefix.empty() || !rights.bucket.empty()) {
      B2Server::NewKey key;
      std::erase(key.capabilities, rights.lacks);
      key.prefix = rights.prefix;
      key.buckets = {rights.bucket.empty() ? kBucket : rights.bucket};
      Use(server_.AddKey(key));
    }
    ws_.Write("data/b.bin", std::string(2'000'000, 'b'));
    if (row.doing == Doing::kRestore) {
      fs::remove_all(ws_.Path("data"));
      fs::remove_all(ws_.Path("state"));
      ws_.MakeFolder("data");
    }
    for (const Fault& fault : row.faults) server_.Inject(fault);
  }

  static std::vector<std::string> Command(Doing doing) {
    switch (doing) {
      case Doing::kRun:
        return {"run"};
      case Doing::kRestore:
        return {"run", "--stage", "restore"};
      case Doing::kCheck:
        return {"check"};
      case Doing::kPrune:
        return {"prune"};
    }
    return {};
  }

  std::string Marker(Doing doing) {
    switch (doing) {
      case Doing::kRun:
        return ws_.Read("state/targets/data/backup_status") +
               ws_.Read("state/targets/data/forget_status");
      case Doing::kRestore:
        return ws_.Read("state/targets/data/restore_status");
      case Doing::kCheck:
        return ws_.Read("state/repository/check_status");
      case Doing::kPrune:
        return ws_.Read("state/repository/prune_status");
    }
    return {};
  }

  Workspace ws_;
  B2Server server_;
  std::string bucket_id_;
  B2Server::Credentials good_;
};

constexpr int kForEver = -1;

Fault Status(const std::string& api, int status, int count, const std::string& code = "",
             const std::string& message = "", const std::string& name = "") {
  Fault fault;
  fault.api = api;
  fault.name = name;
  fault.status = status;
  fault.count = count;
  fault.code = code;
  fault.message = message;
  return fault;
}

Fault Trouble(const std::string& api, Kind kind, int count, const std::string& name = "") {
  Fault fault;
  fault.api = api;
  fault.name = name;
  fault.kind = kind;
  fault.count = count;
  return fault;
}

std::vector<Row> Rows() {
  const std::string storage_cap =
      "Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your cap.";
  const std::string download_cap =
      "Cannot download file, download bandwidth or transaction (Class B) cap exceeded. See the Caps "
      "& Alerts page to increase your cap.";
  return {
      {"WrongKey", {}, 4, "key", "", -1, Doing::kRun, {.secret = "wrong"}},
      {"Authorize403", {Status("b2_authorize_account", 403, kForEver)}, 4, ""},
      {"Authorize503Twice", {Status("b2_authorize_account", 503, 2)}, 0, "SUCCESS"},
      {"Authorize503ForEver", {Status("b2_authorize_account", 503, kForEver)}, 4, ""},
      {"AuthorizeReset", {Trouble("b2_authorize_account", Kind::kReset, kForEver)}, 4, ""},
      {"AuthorizeHangs", {Trouble("b2_authorize_account", Kind::kHang, kForEver)}, 4, ""},
      {"NoListBuckets", {}, 4, "", "", -1, Doing::kRun, {.lacks = "listBuckets"}},
      {"AnotherBucketsKey", {}, 4, "", "", -1, Doing::kRun, {.bucket = "another-bucket"}},
      {"AnotherPrefix", {}, 4, "", "", -1, Doing::kRun, {.prefix = "elsewhere/"}},
      {"NoReadFiles", {}, 4, "", "", -1, Doing::kRun, {.lacks = "readFiles"}},
      {"NoListFiles", {}, 4, "", "", -1, Doing::kRun, {.lacks = "listFiles"}},
      {"NoWriteFiles", {}, 1, "", "", -1, Doing::kRun, {.lacks = "writeFiles"}},
      {"NoDeleteFiles", {}, 1, "", "", -1, Doing::kRun, {.lacks = "deleteFiles"}},
      {"DownloadCapAtOpen",
       {Status("b2_download_file_by_name", 403, kForEver, "download_cap_exceeded", download_cap,
               "config")},
       4,
       ""},
      {"TokenExpires", {Status("b2_list_file_names", 401, 1, "expired_auth_token")}, 0, "SUCCESS"},
      {"List500Twice", {Status("b2_list_file_names", 500, 2)}, 0, "SUCCESS"},
      {"List429Twice", {Status("b2_list_file_names", 429, 2)}, 0, "SUCCESS"},
      {"ListCapForEver",
       {Status("b2_list_file_names", 403, kForEver, "transaction_cap_exceeded",
               "Transaction (Class C) cap exceeded. See the Caps & Alerts page.")},
       4,
       ""},
      {"Upload503Once", {Status("b2_upload_file", 503, 1)}, 0, "SUCCESS"},
      {"Upload429Twice", {Status("b2_upload_file", 429, 2)}, 0, "SUCCESS"},
      {"Upload503ForEver", {Status("b2_upload_file", 503, kForEver, "", "", "data/")}, 1, ""},
      {"UploadOfTheLock503ForEver", {Status("b2_upload_file", 503, kForEver, "", "", "locks/")}, 1, ""},
      {"Upload429ForEver", {Status("b2_upload_file", 429, kForEver)}, 1, ""},
      {"UploadResetForEver", {Trouble("b2_upload_file", Kind::kReset, kForEver)}, 1, ""},
      {"UploadHangs", {Trouble("b2_upload_file", Kind::kHang, kForEver)}, 1, ""},
      {"StorageCap",
       {Status("b2_upload_file|b2_get_upload_url", 403, kForEver, "storage_cap_exceeded",
               storage_cap)},
       4,
       ""},
      {"StorageCapOfData",
       {Status("b2_upload_file", 403, kForEver, "storage_cap_exceeded", storage_cap, "data/")},
       4,
       ""},
      {"Delete500ForEver", {Status("b2_delete_file_version", 500, kForEver)}, 1, ""},
      {"LostReplyOfTheSnapshot",
       {Trouble("b2_upload_file", Kind::kLostReply, 1, "snapshots/")},
       0,
       "SUCCESS"},
      {"LostReplyOfTheLock", {Trouble("b2_upload_file", Kind::kLostReply, 1, "locks/")}, 0, "SUCCESS"},
      {"RestoreMeetsTheDownloadCap",
       {Status("b2_download_file_by_name", 403, kForEver, "download_cap_exceeded", download_cap,
               "data/")},
       1,
       "",
       "",
       -1,
       Doing::kRestore},
      {"RestoreIsCutTwice",
       {Trouble("b2_download_file_by_name", Kind::kTruncate, 2, "data/")},
       0,
       "SUCCESS",
       "",
       -1,
       Doing::kRestore},
      {"RestoreIsCutForEver",
       {Trouble("b2_download_file_by_name", Kind::kTruncate, kForEver, "data/")},
       1,
       "",
       "",
       -1,
       Doing::kRestore},
      {"RestoreStalls",
       {Trouble("b2_download_file_by_name", Kind::kStall, kForEver, "data/")},
       1,
       "",
       "",
       -1,
       Doing::kRestore},
      {"RestoreOfACorruptPack",
       {Trouble("b2_download_file_by_name", Kind::kCorrupt, kForEver, "data/")},
       1,
       "",
       "",
       -1,
       Doing::kRestore},
      {"CheckOfACorruptPack",
       {Trouble("b2_download_file_by_name", Kind::kCorrupt, kForEver, "data/")},
       1,
       "",
       "",
       -1,
       Doing::kCheck},
      {"PruneWhoseLockIsRefused503ForEver",
       {Status("b2_upload_file", 503, kForEver)},
       1,
       "",
       "",
       -1,
       Doing::kPrune},
  };
}

}  // namespace
}  // namespace runner::testing
int main() {
  using namespace runner::testing;
  const char* which = std::getenv("ROWS_OF");
  const char* only = std::getenv("ROWS_ONLY");
  const auto rows = Rows();
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) threads.emplace_back([&] {
    for (std::size_t n = next++; n < rows.size(); n = next++) {
      if (only && !std::regex_search(rows[n].name, std::regex(only))) continue;
      Installation installation(ResticProgram(which));
      const auto o = installation.Live(rows[n]);
      const std::lock_guard lock(mutex);
      printf("### %s: code %d (want %d) took %.1f req %d most %d after %d configs %zu locks %zu snapshots %zu\n%s\n--- %s\n--- %s\n", rows[n].name.c_str(), o.run.code, rows[n].code, o.took.count(), o.requests, o.most_requests, o.after.code, o.configs, o.locks, o.snapshots, o.marker.c_str(), o.run.all().c_str(), o.after.code ? o.after.all().c_str() : "");
      fflush(stdout);
    }
  });
  for (auto& t : threads) t.join();
}
