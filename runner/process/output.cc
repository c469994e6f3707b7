#include "runner/process/output.h"

#include <algorithm>
#include <utility>

namespace runner {

void LineSplitter::Append(std::string_view part) {
  open_ = true;
  line_.append(part.substr(0, std::min(part.size(), kLongestLine - line_.size())));
}

void LineSplitter::Feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    Append(bytes.substr(0, newline));
    if (newline == std::string_view::npos) return;
    bytes.remove_prefix(newline + 1);
    Finish(sink);
  }
}

void LineSplitter::Finish(const Sink& sink) {
  if (!std::exchange(open_, false)) return;
  const std::string line = std::exchange(line_, {});
  if (sink) sink(line);
}

void Tail::Feed(std::string_view bytes) {
  if (bytes.size() > limit_) bytes.remove_prefix(bytes.size() - limit_);
  bytes_.append(bytes);
  if (bytes_.size() > 2 * limit_) bytes_.erase(0, bytes_.size() - limit_);
}

std::string Tail::Take() {
  if (bytes_.size() > limit_) bytes_.erase(0, bytes_.size() - limit_);
  return std::move(bytes_);
}

}  // namespace runner
