#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "runner/history/run_record.h"
#include "targets/schedule/zone.h"

namespace runner {

/// What became of a target's backups on one day.
struct DayOfRuns {
  int good = 0;
  int incomplete = 0;
  int bad = 0;                              // failed or blocked
  std::optional<targets::Bytes> size = {};  // of the source, at the last run that counted it

  bool operator==(const DayOfRuns&) const = default;
};

enum class DayMark { kNone, kGood, kMixed, kIncomplete, kFailed };

/// kMixed: some succeeded, some did not. A run that was skipped or cut off is none.
DayMark MarkOf(const DayOfRuns& day);

inline constexpr std::size_t kStripDays = 30;
/// Oldest first; the last one is today.
using Strip = std::array<DayOfRuns, kStripDays>;

/// Counts the backups of each target by local days. Keeps a few numbers for each day and nothing
/// else, so it can live as long as the daemon. One thread at a time.
class RunDigest {
 public:
  explicit RunDigest(targets::Zone zone) : zone_(std::move(zone)) {}

  void Add(const RunOutline& run);
  /// Forgets the days that no strip of `now` shows.
  void Trim(targets::UnixTime now);
  [[nodiscard]] Strip StripOf(const targets::TargetId& target, targets::UnixTime now) const;
  /// From then on runs are needed for a strip of `now`.
  [[nodiscard]] static targets::UnixTime Since(targets::UnixTime now);

 private:
  using Day = std::int64_t;  // since 1970, by local clocks
  [[nodiscard]] Day DayOf(targets::UnixTime time) const;

  targets::Zone zone_;
  std::map<targets::TargetId, std::map<Day, DayOfRuns>> days_;
};

}  // namespace runner
