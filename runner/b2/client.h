#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/net/http.h"
#include "runner/restic/restic.h"
#include "targets/b2/account.h"

namespace runner {

/// An application key.
struct B2Key {
  std::string id;  // public
  targets::Secret key;

  bool operator==(const B2Key&) const = default;
};

/// A small file to be stored.
struct B2File {
  std::string name;  // in its bucket
  std::string content;
  std::string sha1;  // of the content, as hexadecimal digits
};

/// Asks Backblaze B2 itself. What may be better a moment later (a busy server, a broken
/// connection) is asked again, at most kTries times and within kPatience; a Retry-After is obeyed
/// if there is time for it. Keeps nothing. Thread-safe. The arguments outlive it.
class B2Client {
 public:
  static constexpr int kTries = 4;
  static constexpr std::chrono::seconds kPatience{45};
  static constexpr std::chrono::seconds kTimeout{15};  // of one request

  using Pause = std::function<void(std::chrono::milliseconds)>;

  /// `pause` waits for so long, a fraction of a second at a time. `version`: of this program.
  B2Client(HttpTransport& transport, const Clock& clock, Pause pause, std::string version)
      : transport_(transport),
        clock_(clock),
        pause_(std::move(pause)),
        user_agent_("runner/" + std::move(version)) {}

  /// What the key may do, and a token. One call of class C.
  Outcome<targets::B2Account> Authorize(const B2Key& key, StopHandle& stop);
  /// The bucket of that name, or none. One call of class C. `account`: as Authorize() gave it.
  Outcome<std::vector<targets::B2Bucket>> FindBucket(const targets::B2Account& account,
                                                     const std::string& name, StopHandle& stop);
  /// The names of all files of the bucket that begin with `prefix`; hidden ones are none. A call of
  /// class C for each thousand.
  Outcome<std::vector<std::string>> ListNames(const targets::B2Account& account,
                                              const std::string& bucket_id,
                                              const std::string& prefix, StopHandle& stop);
  /// Stores a file. A refusal is tried again at another place, as B2 wants it; a reply that did not
  /// come is not: the file may be there, and restic before 0.15 cannot remove two of one name.
  Outcome<void> Upload(const targets::B2Account& account, const std::string& bucket_id,
                       const B2File& file, StopHandle& stop);

 private:
  struct UploadPlace {
    std::string url;
    targets::Secret token;
  };
  struct Reply {
    int status = 0;
    std::string body;
  };

  Outcome<UploadPlace> FindUploadPlace(const targets::B2Account& account,
                                       const std::string& bucket_id, StopHandle& stop);
  Outcome<Reply> Ask(const std::string& call, HttpRequest request, StopHandle& stop);
  /// A call of the account's own server, with a question in JSON; the answer of a success.
  Outcome<std::string> Post(const targets::B2Account& account, const std::string& call,
                            std::string question, StopHandle& stop);
  bool Wait(std::chrono::milliseconds time, MonotonicTime deadline, StopHandle& stop);

  HttpTransport& transport_;
  const Clock& clock_;
  Pause pause_;
  std::string user_agent_;
};

}  // namespace runner
