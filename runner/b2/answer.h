#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "targets/b2/account.h"
#include "targets/base/time.h"

namespace runner {

/// What Backblaze B2 said about a key and its bucket, to be remembered for a day.
struct B2Answer {
  std::string key;  // KeyMark() of the key's id
  std::string url;  // of the repository
  targets::UnixTime asked{};
  targets::B2Account account = {};               // without the token
  std::optional<targets::UnixTime> listed = {};  // nullopt: the bucket was not looked at
  std::vector<targets::B2Bucket> buckets = {};   // that one, or none

  bool operator==(const B2Answer&) const = default;
};

/// By which a key is known again: a SHA-256 of its id.
std::string KeyMark(const std::string& key_id);

/// The JSON of docs/formats/b2_account.md. The token is never part of it.
std::string ToJson(const B2Answer& answer);
targets::Result<B2Answer> B2AnswerFromJson(const std::string& text);

/// Keeps the answer in one file of mode 0600, written durably. `files` outlives it.
class B2AnswerStore {
 public:
  B2AnswerStore(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  /// nullopt also if it cannot be read or understood: then B2 is asked anew.
  [[nodiscard]] std::optional<B2Answer> Read() const;
  [[nodiscard]] targets::Status Write(const B2Answer& answer) const;

 private:
  FileSystem& files_;
  std::string path_;
};

}  // namespace runner
