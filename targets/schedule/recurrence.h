#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "targets/base/result.h"
#include "targets/base/time.h"
#include "targets/model/schedule.h"

namespace targets {

/// The instants at which a Schedule is due, jitter included. Immutable, cheap to copy, thread-safe.
/// Clock changes: a fixed time runs exactly once (a skipped one at the instant of the change, a
/// repeated one at its first pass); a cron expression whose hour field starts with `*` follows the
/// real clock instead, as cron(8) does.
class Recurrence {
 public:
  /// `seed` (usually "<target id>/<stage>") decides the offset inside the schedule's jitter.
  /// Errors: a bad expression or an unknown zone.
  static Result<Recurrence> Make(const Schedule& schedule, std::string_view seed);

  /// The first occurrence strictly after `after`; nullopt: never again (manual, or an impossible
  /// date).
  [[nodiscard]] std::optional<UnixTime> Next(UnixTime after) const;
  /// The last occurrence at or before `at`.
  [[nodiscard]] std::optional<UnixTime> Previous(UnixTime at) const;
  /// The longest gap between two occurrences around `at` (the next 4); for freshness. nullopt: no
  /// period.
  [[nodiscard]] std::optional<Duration> Period(UnixTime at) const;

  class Impl;

 private:
  explicit Recurrence(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace targets
