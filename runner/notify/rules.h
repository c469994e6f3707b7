#pragma once

#include <optional>
#include <string>

#include "targets/base/time.h"
#include "targets/model/notify.h"

namespace runner {

enum class Light {
  kGreen,
  kRed,
  kUnsettled,  // a run is at work which may heal or harm it: what was told stays true
};

/// What the health of one subject (a target, the repository) is now.
struct Verdict {
  std::string subject;
  Light light = Light::kGreen;
  std::string reason = {};   // of kRed: one line, free of secrets
  std::string details = {};  // more lines, what restic said among them; may be empty

  bool operator==(const Verdict&) const = default;
};

/// What somebody was last told about a subject.
struct Told {
  bool red = false;
  targets::UnixTime since{};                          // of that
  targets::UnixTime last{};                           // while red: the last message about it
  std::optional<targets::UnixTime> green_since = {};  // while red: it has been green since then
  std::optional<targets::UnixTime> recovered = {};    // the last recovery that was told

  bool operator==(const Told&) const = default;
};

/// A reminder so long after the last message, while red.
inline constexpr targets::Duration kReminderEvery{24 * 3600};
/// A subject that is red again so soon after a recovery flaps ...
inline constexpr targets::Duration kFlapWindow{24 * 3600};
/// ... and its next recovery is told when it was green for so long without a break.
inline constexpr targets::Duration kCalm{6 * 3600};

struct Telling {
  Told told;                                      // to be remembered
  std::optional<targets::NewsKind> news = {};     // to be told
  std::optional<targets::UnixTime> look_at = {};  // the next instant that may change it by itself

  bool operator==(const Telling&) const = default;
};

/// What to tell about a verdict. Pure. Red is told at once, then once a day; green is told at once
/// if the subject does not flap. So two recoveries are at least kCalm apart, and between them there
/// is one failure: whatever a subject does, a day has at most 11 messages about it, and one that
/// flaps by the minute is only reminded of.
/// A time of `told` that lies in the future (the clock was set back) counts as now.
Telling Tell(Told told, const Verdict& verdict, targets::UnixTime now);

}  // namespace runner
