#pragma once

#include <string_view>

namespace targets {

/// What was found at a target's source; only `kHasData` is backed up (a folder). `kNotChecked`:
/// nobody looked, or there is nothing to look at (a command's output).
enum class SourceState {
  kNotChecked,
  kMissing,     // absent, not a directory, a required mount or the sentinel is not there
  kUnreadable,  // there, but it cannot be listed
  kEmpty,       // nothing but `lost+found` and our own staging folder
  kHasData,
  kHalfRestored,  // a restore into it was cut off, or is at work
};

/// "not_checked", "missing", "unreadable", "empty", "has_data", "half_restored": the words of every
/// JSON.
constexpr std::string_view SourceStateName(SourceState state) {
  switch (state) {
    case SourceState::kNotChecked:
      return "not_checked";
    case SourceState::kMissing:
      return "missing";
    case SourceState::kUnreadable:
      return "unreadable";
    case SourceState::kEmpty:
      return "empty";
    case SourceState::kHasData:
      return "has_data";
    case SourceState::kHalfRestored:
      return "half_restored";
  }
  return "not_checked";
}

}  // namespace targets
