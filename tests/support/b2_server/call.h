#pragma once

#include <string>

#include "tests/support/b2_server/json_text.h"
#include "tests/support/b2_server/keys.h"
#include "tests/support/b2_server/message.h"
#include "tests/support/b2_server/store.h"

namespace runner::testing::b2 {

inline constexpr const char* kAccountId = "b2test000000";

struct PartSizes {
  std::size_t minimum = 5'000'000;
  std::size_t recommended = 100'000'000;
};

/// One authorised request on its way through its handler.
struct Call {
  const Request& request;
  Target target;
  Fields fields;
  Store& store;
  Keys& keys;
  std::int64_t now_ms = 0;
  PartSizes part_sizes = {};
  Key key = {};
  std::string sha1 = {};  // of an upload's body
  int units = 1;          // what it costs

  /// An error unless the key may enter the bucket and use the name (or prefix) there.
  [[nodiscard]] Outcome<void> Allow(const std::string& bucket_id, const std::string& name) const;
  /// What the body of a file's upload is, and its SHA-1; refused if that is not what was announced.
  struct Body {
    Content content;
    std::string sha1;
  };
  [[nodiscard]] Outcome<Body> VerifiedBody() const;
};

/// How a client proves that it may.
enum class Proof { kBasic, kToken, kUploadToken, kDownload };

struct CallSpec {
  const char* api;
  Proof proof;
  const char* capability;  // "": any
  Outcome<Reply> (*handle)(Call&);
};

/// nullptr: there is no such call.
const CallSpec* FindCall(const std::string& api);

/// A version as every call shows it.
std::string ToJson(const FileVersion& version);

// Handlers. Each checks bucket and name; the capability was checked before.
Outcome<Reply> AuthorizeAccount(Call& call);
Outcome<Reply> ListKeys(Call& call);
Outcome<Reply> CreateKey(Call& call);
Outcome<Reply> DeleteKey(Call& call);

Outcome<Reply> ListBuckets(Call& call);
Outcome<Reply> CreateBucket(Call& call);
Outcome<Reply> UpdateBucket(Call& call);
Outcome<Reply> DeleteBucket(Call& call);

Outcome<Reply> ListFileNames(Call& call);
Outcome<Reply> ListFileVersions(Call& call);
Outcome<Reply> GetFileInfo(Call& call);
Outcome<Reply> HideFile(Call& call);
Outcome<Reply> DeleteFileVersion(Call& call);
Outcome<Reply> CopyFile(Call& call);
Outcome<Reply> GetDownloadAuthorization(Call& call);
Outcome<Reply> DownloadFileByName(Call& call);
Outcome<Reply> DownloadFileById(Call& call);

Outcome<Reply> GetUploadUrl(Call& call);
Outcome<Reply> UploadFile(Call& call);
Outcome<Reply> StartLargeFile(Call& call);
Outcome<Reply> GetUploadPartUrl(Call& call);
Outcome<Reply> UploadPart(Call& call);
Outcome<Reply> FinishLargeFile(Call& call);
Outcome<Reply> CancelLargeFile(Call& call);
Outcome<Reply> ListParts(Call& call);
Outcome<Reply> ListUnfinishedLargeFiles(Call& call);

}  // namespace runner::testing::b2
