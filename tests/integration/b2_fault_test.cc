// What native B2 can do to a run, one row each: it ends in bounded time, names the cause, leaves
// the good snapshot, never makes a repository, and all is well again when B2 is.
//
// restic itself waits up to three quarters of a minute in many rows, so all rows of a release run
// side by side; each is a test of its own that waits for its row.
#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/integration/forged_repository.h"
#include "tests/support/b2_server/b2_server.h"
#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Fault = B2Server::Fault;
using Kind = Fault::Kind;
using Seconds = std::chrono::duration<double>;

constexpr const char* kBucket = "test-bucket";
/// Rows at work at the same time: they mostly wait.
constexpr int kAtOnce = 12;
/// Without a watch the worst rows never end, with 100,000 requests a minute.
constexpr std::chrono::minutes kLongest{5};
constexpr int kMostRequests = 400'000;

enum class Doing { kRun, kRestore, kCheck, kPrune };

/// What the key may not do, or where it may not go.
struct KeyRights {
  std::string lacks = "";
  std::string prefix = "";
  std::string secret = "";  // instead of its own
  std::string bucket = "";  // bound to this one instead
};

/// How a run ends, and the one after B2 is well again.
struct Expected {
  int code = 0;             // of the runner
  std::string cause = {};   // in the marker; empty: it says SUCCESS
  int after = 0;            // the code of the next run
  bool locks_stay = false;  // until they are old enough to be recognised
};

struct Row {
  std::string name;
  Expected expected;
  std::vector<Fault> faults = {};
  KeyRights key = {};
  Doing doing = Doing::kRun;
  std::optional<Expected> newest = {};  // if the newest restic is different
};

struct Outcome {
  Ran run;
  Seconds took{};
  std::string marker;
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
                  "\n    retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}\n    "
                  "restore_if_empty: true\n"
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

constexpr const char* kStorageCap =
    "Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your cap.";
constexpr const char* kDownloadCap =
    "Cannot download file, download bandwidth or transaction (Class B) cap exceeded. See the Caps "
    "& "
    "Alerts page to increase your cap.";
constexpr const char* kTransactionCap =
    "Transaction (Class C) cap exceeded. See the Caps & Alerts page to increase your cap.";

/// Nothing can be opened: no restic was worth its start, or it did not come far.
std::vector<Row> RowsOfTheKey() {
  const auto authorize = [](Kind kind) {
    return std::vector{Trouble("b2_authorize_account", kind, kForEver)};
  };
  return {
      {"WrongKey", {4, "key_refused"}, {}, {.secret = "wrong"}},
      {"NoListBuckets", {4, "key_refused"}, {}, {.lacks = "listBuckets"}},
      {"NoListFiles", {4, "key_refused"}, {}, {.lacks = "listFiles"}},
      {"NoReadFiles", {4, "key_refused"}, {}, {.lacks = "readFiles"}},
      {"NoWriteFiles", {1, "key_refused"}, {}, {.lacks = "writeFiles"}},
      // Newer releases hide what they may not delete.
      {"NoDeleteFiles",
       {1, "key_refused"},
       {},
       {.lacks = "deleteFiles"},
       Doing::kRun,
       Expected{.locks_stay = true}},
      {"AnotherBucketsKey", {4, "bucket_absent"}, {}, {.bucket = "another-bucket"}},
      {"AnotherPrefix", {4, "bucket_absent"}, {}, {.prefix = "elsewhere/"}},
      {"Authorize403", {4, "cap_exceeded"}, {Status("b2_authorize_account", 403, kForEver)}},
      {"Authorize503Twice", {}, {Status("b2_authorize_account", 503, 2)}},
      {"Authorize503ForEver", {4, "network"}, {Status("b2_authorize_account", 503, kForEver)}},
      {"AuthorizeIsReset", {4, "network"}, authorize(Kind::kReset)},
      {"AuthorizeHangs", {4, "network"}, authorize(Kind::kHang)},
      {"TheTokenExpires", {}, {Status("b2_list_file_names", 401, 1, "expired_auth_token")}},
  };
}

std::vector<Row> RowsOfCaps() {
  return {
      {"DownloadCapAtOpen",
       {4, "cap_exceeded"},
       {Status("b2_download_file_by_name", 403, kForEver, "download_cap_exceeded", kDownloadCap,
               "config")}},
      {"TransactionCap",
       {4, "cap_exceeded"},
       {Status("b2_list_file_names", 403, kForEver, "transaction_cap_exceeded", kTransactionCap)}},
      {"StorageCap",
       {4, "cap_exceeded"},
       {Status("b2_upload_file|b2_get_upload_url", 403, kForEver, "storage_cap_exceeded",
               kStorageCap)}},
      {"StorageCapOfData",
       {4, "cap_exceeded"},
       {Status("b2_upload_file", 403, kForEver, "storage_cap_exceeded", kStorageCap, "data/")}},
      {"RestoreMeetsTheDownloadCap",
       {4, "cap_exceeded", 4},
       {Status("b2_download_file_by_name", 403, kForEver, "download_cap_exceeded", kDownloadCap,
               "data/")},
       {},
       Doing::kRestore},
  };
}

std::vector<Row> RowsOfLists() {
  return {
      {"List500Twice", {}, {Status("b2_list_file_names", 500, 2)}},
      {"List429Twice", {}, {Status("b2_list_file_names", 429, 2)}},
      {"List502Twice", {}, {Status("b2_list_file_names", 502, 2)}},
      {"ListHangs", {4, "stalled"}, {Trouble("b2_list_file_names", Kind::kHang, kForEver)}},
  };
}

std::vector<Row> RowsOfUploads() {
  return {
      {"Upload503Once", {}, {Status("b2_upload_file", 503, 1)}},
      {"Upload408Once", {}, {Status("b2_upload_file", 408, 1)}},
      {"Upload429Twice", {}, {Status("b2_upload_file", 429, 2)}},
      {"UploadExpiresOnce", {}, {Status("b2_upload_file", 401, 1, "expired_auth_token")}},
      {"UploadIsResetOnce", {}, {Trouble("b2_upload_file", Kind::kReset, 1, "data/")}},
      {"Upload503ForEver",
       {1, "runaway"},
       {Status("b2_upload_file", 503, kForEver, "", "", "data/")}},
      {"UploadOfTheLock503ForEver",
       {1, "runaway"},
       {Status("b2_upload_file", 503, kForEver, "", "", "locks/")}},
      {"Upload429ForEver", {1, "stalled"}, {Status("b2_upload_file", 429, kForEver)}},
      {"UploadIsResetForEver", {1, "stalled"}, {Trouble("b2_upload_file", Kind::kReset, kForEver)}},
      {"UploadHangs", {1, "stalled"}, {Trouble("b2_upload_file", Kind::kHang, kForEver)}},
      {"PruneWhoseLockIsRefused503ForEver",
       {1, "runaway"},
       {Status("b2_upload_file", 503, kForEver)},
       {},
       Doing::kPrune},
      // The second look at what was forgotten.
      {"TheReplyOfTheSnapshotIsLost",
       {},
       {Trouble("b2_upload_file", Kind::kLostReply, 1, "snapshots/")}},
      // An old restic removes one of the two locks.
      {"TheReplyOfTheLockIsLost",
       {4, "locked", 4, true},
       {Trouble("b2_upload_file", Kind::kLostReply, 1, "locks/")},
       {},
       Doing::kRun,
       Expected{}},
      {"Delete500ForEver", {1, "stalled"}, {Status("b2_delete_file_version", 500, kForEver)}},
  };
}

/// After a failed restore the file that the test then writes is nobody's new truth: 4.
std::vector<Row> RowsOfDownloads() {
  const auto packs = [](Kind kind, int count) {
    return std::vector{Trouble("b2_download_file_by_name", kind, count, "data/")};
  };
  return {
      {"RestoreIsCutTwice", {}, packs(Kind::kTruncate, 2), {}, Doing::kRestore},
      {"RestoreIsCutForEver",
       {1, "stalled", 4},
       packs(Kind::kTruncate, kForEver),
       {},
       Doing::kRestore},
      {"RestoreStalls", {1, "stalled", 4}, packs(Kind::kStall, kForEver), {}, Doing::kRestore},
      {"RestoreOfACorruptPack",
       {1, "damaged", 4},
       packs(Kind::kCorrupt, kForEver),
       {},
       Doing::kRestore},
      {"CheckOfACorruptPack", {1, "damaged"}, packs(Kind::kCorrupt, kForEver), {}, Doing::kCheck},
  };
}

std::vector<Row> Rows() {
  std::vector<Row> rows = RowsOfTheKey();
  for (std::vector<Row> (*more)() : {RowsOfCaps, RowsOfLists, RowsOfUploads, RowsOfDownloads})
    std::ranges::move(more(), std::back_inserter(rows));
  return rows;
}

/// Lives all rows of one release, many at a time, from the first question on.
class Lives {
 public:
  explicit Lives(const std::string& release) : rows_(Rows()), outcomes_(rows_.size()) {
    for (int i = 0; i < kAtOnce; ++i) threads_.emplace_back([this, release] { Work(release); });
  }
  ~Lives() {
    for (std::thread& thread : threads_) thread.join();
  }
  Lives(const Lives&) = delete;
  Lives& operator=(const Lives&) = delete;

  Outcome Of(std::size_t row) { return outcomes_[row].get_future().get(); }

 private:
  void Work(const std::string& release) {
    for (std::size_t row = next_++; row < rows_.size(); row = next_++)
      outcomes_[row].set_value(Installation(ResticProgram(release)).Live(rows_[row]));
  }

  const std::vector<Row> rows_;
  std::vector<std::promise<Outcome>> outcomes_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

class B2FaultTest : public ::testing::TestWithParam<std::tuple<const char*, std::size_t>> {
 protected:
  static void TearDownTestSuite() { lives_.clear(); }
  static Outcome Live(const std::string& release, std::size_t row) {
    auto& lives = lives_[release];
    if (lives == nullptr) lives = std::make_unique<Lives>(release);
    return lives->Of(row);
  }

 private:
  static inline std::map<std::string, std::unique_ptr<Lives>> lives_;
};

TEST_P(B2FaultTest, EndsAndNamesTheCauseAndHeals) {
  const auto& [release, number] = GetParam();
  if (ResticProgram(release).empty())
    GTEST_SKIP() << "no newest restic here: RESTIC_BIN_NEW is not set (tools/newest-restic.sh)";
  const Row row = Rows()[number];
  const bool newest = std::string(release) == "newest";
  const Expected expected = newest ? row.newest.value_or(row.expected) : row.expected;
  const Outcome outcome = Live(release, number);
  EXPECT_EQ(outcome.run.code, expected.code) << outcome.run.all();
  EXPECT_THAT(outcome.marker,
              HasSubstr(expected.cause.empty() ? "SUCCESS" : "cause: " + expected.cause + "\n"))
      << outcome.run.all();
  EXPECT_LT(outcome.took, kLongest) << "an end, however slow this machine is";
  EXPECT_LT(outcome.requests, kMostRequests);
  EXPECT_EQ(outcome.after.code, expected.after) << outcome.after.all();
  EXPECT_EQ(outcome.configs, 1U) << "never an init";
  EXPECT_EQ(outcome.locks > 0, expected.locks_stay);
  EXPECT_GE(outcome.snapshots, 1U);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<const char*, std::size_t>>& instance) {
  return std::string(std::get<0>(instance.param)) + "_" + Rows()[std::get<1>(instance.param)].name;
}

INSTANTIATE_TEST_SUITE_P(Rows, B2FaultTest,
                         ::testing::Combine(::testing::Values("system", "newest"),
                                            ::testing::Range(std::size_t{0}, Rows().size())),
                         NameOf);

}  // namespace
}  // namespace runner::testing
