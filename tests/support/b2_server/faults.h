#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace runner::testing::b2 {

/// What a server does instead of, or after, answering: one rule for some requests.
///   server.Inject({.api = "b2_upload_file", .status = 503, .count = 2});
struct Fault {
  enum class Kind {
    kStatus,     // refuse with `status`; nothing is stored
    kReset,      // RST instead of an answer; nothing is stored
    kHang,       // no answer, until the client goes away
    kTruncate,   // half of the answer, then the end of the connection
    kStall,      // half of the answer, then silence
    kCorrupt,    // one byte of the answer's body is wrong
    kDelay,      // the answer comes `delay` later
    kLostReply,  // done as asked, then RST instead of the answer
  };

  /// Regular expressions on the call's whole name and on any part of the file's name (of a listing:
  /// its prefix).
  std::string api = ".*";
  std::string name = "";
  Kind kind = Kind::kStatus;
  int status = 503;
  /// Empty: what B2 says with that status.
  std::string code = "";
  std::string message = "";
  std::optional<int> retry_after = {};
  /// Sent as it is instead of the JSON of an error, also with status 200.
  std::optional<std::string> body = {};
  /// kStatus, kReset and kHang of uploads: when half of the body has arrived, not the whole.
  bool mid_body = false;
  std::chrono::milliseconds delay{0};
  /// Passes by so many matching requests first, then strikes `count` times; -1: for ever.
  int skip = 0;
  int count = 1;
};

/// The JSON that B2 sends with such a status, with the rule's own code and message if it has some.
std::string ErrorBody(const Fault& fault);

/// The rules in force, the oldest first. Thread-safe.
class Faults {
 public:
  void Add(Fault fault);
  void Clear();
  /// The first rule that strikes this request; counts it.
  std::optional<Fault> Take(const std::string& api, const std::string& name);

 private:
  struct Rule {
    Fault fault;
    std::regex api;
    std::regex name;
  };
  std::mutex mutex_;
  std::vector<Rule> rules_;
};

}  // namespace runner::testing::b2
