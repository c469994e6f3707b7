#include "runner/jobs/ready.h"

#include "runner/jobs/restore_if_empty.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::SourceState;

constexpr std::string_view kDataWord = "data";
constexpr std::string_view kEmptyWord = "empty";

std::string FileOf(const StateFolder& state, const targets::TargetId& target) {
  return state.TargetFolder(target) + "/ready";
}

}  // namespace

targets::Status WriteReady(FileSystem& files, const StateFolder& state,
                           const targets::TargetId& target, std::optional<ReadyKind> kind) {
  const std::string file = FileOf(state, target);
  if (!kind) return files.Remove(file);
  const std::string_view word = *kind == ReadyKind::kData ? kDataWord : kEmptyWord;
  // A stage that finds the same every day need not write every day.
  const auto before = ReadReady(files, state, target);
  if (before && *before == kind) return {};
  return files.WriteDurably(file, std::string(word) + "\n", 0600);
}

targets::Result<std::optional<ReadyKind>> ReadReady(FileSystem& files, const StateFolder& state,
                                                    const targets::TargetId& target) {
  const auto text = files.Read(FileOf(state, target), kSmallFileLimit);
  if (!text) return targets::Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  const std::string_view word = targets::TrimSpace(**text);
  if (word == kDataWord) return ReadyKind::kData;
  if (word == kEmptyWord) return ReadyKind::kEmpty;
  return std::nullopt;
}

std::string WhyNotReady(const targets::Target& target, std::optional<ReadyKind> ready,
                        const SourceReport& source) {
  switch (source.state) {
    case SourceState::kMissing:
    case SourceState::kUnreadable:
    case SourceState::kHalfRestored:
      return source.detail;
    case SourceState::kEmpty:
      if (!WantsRestoreCheck(target) || ready == ReadyKind::kEmpty) return {};
      return ready ? "the source is empty, although its data was there before"
                   : "the source is empty, and nobody has looked yet what the repository holds";
    case SourceState::kHasData:
    case SourceState::kNotChecked:
      break;
  }
  if (ready || !WantsRestoreCheck(target)) return {};
  return "nobody has looked at the source yet: is the daemon running?";
}

}  // namespace runner
