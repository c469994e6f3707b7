#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "targets/base/result.h"
#include "targets/base/time.h"

namespace runner {

/// How a stage ended, or that it is at work. `kUnreadable` is only ever read: the marker's first
/// line says nothing known.
enum class MarkerStatus { kFailed, kRunning, kBlocked, kWarning, kSuccess, kUnreadable };

/// "FAILED", "RUNNING", "BLOCKED", "WARNING", "SUCCESS", "UNREADABLE".
std::string_view MarkerStatusName(MarkerStatus status);

/// The last status of one stage; the content of a `<stage>_status` file (docs/formats/state.md).
struct Marker {
  MarkerStatus status = MarkerStatus::kUnreadable;
  std::optional<targets::UnixTime> time = {};       // nullopt: the file holds no time
  std::string reason = {};                          // one line, may be empty
  std::map<std::string, std::string> details = {};  // the keys below, and what later versions add

  bool operator==(const Marker&) const = default;

  /// The detail of that key, or "".
  [[nodiscard]] std::string Detail(const std::string& key) const {
    const auto found = details.find(key);
    return found == details.end() ? std::string() : found->second;
  }
};

/// Keys of Marker::details.
namespace marker_key {
inline constexpr const char* kCause = "cause";        // CauseName() of a failure
inline constexpr const char* kHint = "hint";          // what a person can do about it
inline constexpr const char* kSnapshot = "snapshot";  // the snapshot's full id
inline constexpr const char* kPid = "pid";            // of the owner, for people; the lock decides
inline constexpr const char* kProgress =
    "progress";  // of RUNNING: Unix seconds of the last sign of progress
inline constexpr const char* kPrevious =
    "previous";  // of RUNNING: the failure that this run tries to heal
}  // namespace marker_key

/// Reads whatever a person may have written by hand: any line endings, missing lines, lower case,
/// spaces, a time that is none. Never fails: what cannot be understood has the status kUnreadable
/// and a reason.
Marker ParseMarker(std::string_view text);

/// The exact text of a marker. Errors: no time, status kUnreadable, a key that is not `[a-z_]+`.
/// Reason and details become one line each.
targets::Result<std::string> FormatMarker(const Marker& marker);

/// The time in a `last_<stage>_success` file; nullopt: there is none in it.
std::optional<targets::UnixTime> ParseUnixTime(std::string_view text);

}  // namespace runner
