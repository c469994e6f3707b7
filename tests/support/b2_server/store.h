#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/b2_server/outcome.h"

namespace runner::testing::b2 {

using Content = std::shared_ptr<const std::string>;
/// Milliseconds since 1970.
using NowMs = std::function<std::int64_t()>;

enum class Action { kUpload, kHide, kStart, kFolder };

/// One version of one name. A folder exists in listings only.
struct FileVersion {
  std::string id = {};
  std::string bucket_id = {};
  std::string name = {};
  Action action = Action::kUpload;
  Content content = {};
  std::string sha1 = {};
  std::string content_type = {};
  std::map<std::string, std::string> info = {};
  std::int64_t time_ms = 0;

  [[nodiscard]] std::size_t size() const { return content == nullptr ? 0 : content->size(); }
};

struct NewFile {
  std::string name;
  Content content = {};
  std::string sha1 = {};
  std::string content_type = {};
  std::map<std::string, std::string> info = {};
};

struct Part {
  int number = 0;
  std::string sha1;
  Content content;
  std::int64_t time_ms = 0;
};

/// What a client may set; `info`, `lifecycle` and `cors` are JSON texts that nobody looks into.
struct BucketSettings {
  std::string type = "allPrivate";
  std::string info = "{}";
  std::string lifecycle = "[]";
  std::string cors = "[]";
};

struct Bucket {
  std::string id;
  std::string name;
  BucketSettings settings;
  int revision = 1;
};

struct ListQuery {
  std::string prefix = {};
  std::string delimiter = {};
  std::string start_name = {};
  std::string start_id = {};
  std::size_t max = 100;
};

struct Listing {
  std::vector<FileVersion> files;
  /// Where the next page starts; nothing at the end.
  std::optional<FileVersion> next;
};

/// Buckets and every version of their files, in memory. Not thread-safe.
class Store {
 public:
  explicit Store(NowMs now) : now_(std::move(now)) {}

  Outcome<Bucket> AddBucket(const std::string& name, const BucketSettings& settings);
  /// `if_revision`: refused with 409 if the bucket is at another one.
  Outcome<Bucket> UpdateBucket(const std::string& id, const BucketSettings& settings,
                               std::optional<std::int64_t> if_revision);
  /// Refused while there is any version in it.
  Outcome<Bucket> RemoveBucket(const std::string& id);
  [[nodiscard]] Outcome<Bucket> FindBucket(const std::string& id) const;
  [[nodiscard]] Outcome<Bucket> BucketNamed(const std::string& name) const;
  [[nodiscard]] std::vector<Bucket> Buckets() const;

  Outcome<FileVersion> Upload(const std::string& bucket_id, NewFile file);
  /// Refused if the name has no visible file.
  Outcome<FileVersion> Hide(const std::string& bucket_id, const std::string& name);
  /// Also an unfinished large file; name and id must belong together.
  Outcome<FileVersion> Delete(const std::string& name, const std::string& id);
  /// The version that a download by name gets: the newest one, if that is not a hide marker.
  [[nodiscard]] Outcome<FileVersion> Visible(const std::string& bucket_id,
                                             const std::string& name) const;
  [[nodiscard]] Outcome<FileVersion> Version(const std::string& id) const;

  /// Names in the order of their bytes; only visible files.
  [[nodiscard]] Outcome<Listing> ListNames(const std::string& bucket_id,
                                           const ListQuery& query) const;
  /// All versions, those of one name newest first. `start_id` needs `start_name`.
  [[nodiscard]] Outcome<Listing> ListVersions(const std::string& bucket_id,
                                              const ListQuery& query) const;

  Outcome<FileVersion> StartLarge(const std::string& bucket_id, NewFile file);
  /// Another part of the same number replaces it.
  Outcome<Part> AddPart(const std::string& id, Part part);
  /// The parts 1..n with exactly these SHA-1 become one file, as old as its start.
  Outcome<FileVersion> FinishLarge(const std::string& id, const std::vector<std::string>& sha1s);
  Outcome<FileVersion> CancelLarge(const std::string& id);
  [[nodiscard]] Outcome<std::vector<Part>> Parts(const std::string& id) const;
  [[nodiscard]] Outcome<std::vector<FileVersion>> Unfinished(const std::string& bucket_id) const;

 private:
  using Versions = std::vector<FileVersion>;  // newest first
  struct Shelf {
    Bucket bucket;
    std::map<std::string, Versions> files;
  };

  [[nodiscard]] const Shelf* ShelfOf(const std::string& bucket_id) const;
  [[nodiscard]] FileVersion Make(const std::string& bucket_id, NewFile file, Action action);
  FileVersion Put(FileVersion version);
  void Take(const FileVersion& version);
  [[nodiscard]] Outcome<FileVersion> UnfinishedOne(const std::string& id) const;

  NowMs now_;
  unsigned last_bucket_ = 0;
  int last_file_ = 0;
  std::map<std::string, Shelf> shelves_;
  std::map<std::string, std::pair<std::string, std::string>> places_;  // id -> bucket, name
  std::map<std::string, std::map<int, Part>> parts_;                   // large file -> its parts
};

}  // namespace runner::testing::b2
