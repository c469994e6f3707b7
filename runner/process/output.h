#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace runner {

/// The longest line that a handler sees; the rest of a longer one is dropped.
inline constexpr std::size_t kLongestLine = std::size_t{64} * 1024;

/// Cuts a stream of bytes into lines, in bounded memory. Bytes are passed on as they are, NUL
/// included.
class LineSplitter {
 public:
  using Sink = std::function<void(std::string_view line)>;

  /// Calls `sink` for each line that `bytes` completes, without its newline.
  void Feed(std::string_view bytes, const Sink& sink);
  /// The stream has ended: a last line without a newline is a line too.
  void Finish(const Sink& sink);

 private:
  void Append(std::string_view part);

  std::string line_;
  bool open_ = false;  // something of the current line was seen
};

/// Keeps the last `limit` bytes of a stream.
class Tail {
 public:
  explicit Tail(std::size_t limit) : limit_(limit) {}
  void Feed(std::string_view bytes);
  [[nodiscard]] std::string Take();

 private:
  std::size_t limit_;
  std::string bytes_;  // at most twice the limit, so that most bytes are copied once
};

}  // namespace runner
