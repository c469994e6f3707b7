#include "tests/integration/b2_fault_rows.h"

#include <algorithm>
#include <iterator>

namespace runner::testing {
namespace {

using b2::Fault;
using Kind = Fault::Kind;

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
      {"ListHangs", {1, "stalled"}, {Trouble("b2_list_file_names", Kind::kHang, kForEver)}},
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
       {1, "(runaway|stalled)"},
       {Status("b2_upload_file", 503, kForEver, "", "", "locks/")}},
      {"Upload429ForEver", {1, "stalled"}, {Status("b2_upload_file", 429, kForEver)}},
      {"UploadIsResetForEver", {1, "stalled"}, {Trouble("b2_upload_file", Kind::kReset, kForEver)}},
      {"UploadHangs", {1, "stalled"}, {Trouble("b2_upload_file", Kind::kHang, kForEver)}},
      {"PruneWhoseLockIsRefused503ForEver",
       {1, "(runaway|stalled)"},
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

}  // namespace

std::vector<Row> Rows() {
  std::vector<Row> rows = RowsOfTheKey();
  for (std::vector<Row> (*more)() : {RowsOfCaps, RowsOfLists, RowsOfUploads, RowsOfDownloads})
    std::ranges::move(more(), std::back_inserter(rows));
  return rows;
}

}  // namespace runner::testing
