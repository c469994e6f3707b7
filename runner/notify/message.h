#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/notify/rules.h"
#include "targets/base/time.h"
#include "targets/model/notify.h"

namespace runner {

/// What is sent to somebody. Free of secrets. Bounded: a title of 200 bytes, a text of kTextLimit.
struct Message {
  static constexpr std::size_t kTextLimit = 3'900;  // Discord and ntfy refuse more than 4'096

  std::optional<targets::NewsKind> kind = {};  // nullopt: a test
  std::vector<std::string> subjects;           // targets' ids, "repository"
  targets::UnixTime time{};
  std::string title;  // one line
  std::string text;   // lines

  bool operator==(const Message&) const = default;
  /// "failure", ..., "test".
  [[nodiscard]] std::string_view Event() const {
    return kind ? targets::NewsKindName(*kind) : std::string_view("test");
  }
};

/// One subject's part of a message.
struct News {
  Verdict verdict;
  Told before;  // what had been told
};

/// One message about all of `news`, which are of that kind. REQUIRES: `news` is not empty.
Message MakeMessage(targets::NewsKind kind, const std::string& instance,
                    const std::vector<News>& news, targets::UnixTime now);

/// The message about one run that starts or has succeeded; `text` says more, or nothing.
Message MakeRunMessage(targets::NewsKind kind, const std::string& instance,
                       const std::string& target, const std::string& text, targets::UnixTime now);

/// The message of `runner notify --test`.
Message MakeTestMessage(const std::string& instance, const std::string& target,
                        targets::UnixTime now);

}  // namespace runner
