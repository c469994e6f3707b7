#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runner/base/clock.h"
#include "runner/http/page.h"
#include "targets/base/secret.h"

namespace runner {

/// Knows the token, and who has given it. Thread-safe. Sessions live in memory only: a restart
/// signs everybody out.
class Doorkeeper {
 public:
  static constexpr std::size_t kShortestToken = 16;
  static constexpr std::chrono::hours kSessionLife{12};
  static constexpr std::size_t kMostSessions = 16;  // one more ends the oldest
  /// After so many wrong tokens within a minute nobody may try another one.
  static constexpr std::size_t kWrongPerMinute = 10;

  /// `random` gives a new text that nobody can guess.
  Doorkeeper(const Clock& clock, std::function<std::string()> random);

  /// nullopt: nobody may act. Another token than before ends all sessions.
  void SetToken(std::optional<targets::Secret> token);

  enum class Answer { kRight, kWrong, kTooMany, kNoToken };
  Answer Try(std::string_view token);

  /// A new session, for the cookie. REQUIRES: Try() said kRight.
  std::string Open();
  void Close(const std::string& session);
  [[nodiscard]] Viewer ViewerOf(const std::string& session) const;

 private:
  struct Session {
    std::string form_key;
    MonotonicTime until{};
  };

  const Clock& clock_;
  std::function<std::string()> random_;
  mutable std::mutex mutex_;
  std::optional<targets::Secret> token_;
  std::map<std::string, Session> sessions_;
  std::deque<MonotonicTime> wrong_;
};

/// 32 bytes of the kernel's random numbers, in hexadecimal digits.
std::string RandomText();

}  // namespace runner
