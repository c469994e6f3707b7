#pragma once

#include <optional>
#include <string>
#include <vector>

namespace targets {

/// How many snapshots of each kind a target keeps; restic's `forget --keep-*`. Zero: the rule is
/// off. `kUnlimited` keeps one of every period for ever.
struct Retention {
  static constexpr int kUnlimited = -1;

  int last = 0;
  int hourly = 0;
  int daily = 0;
  int weekly = 0;
  int monthly = 0;
  int yearly = 0;
  std::string within;         // "1y6m30d12h" in restic's notation, empty: off
  std::string within_hourly;  // the same notation for each of these
  std::string within_daily;
  std::string within_weekly;
  std::string within_monthly;
  std::string within_yearly;
  std::vector<std::string> keep_tags;
  int min_keep = 1;  // never fewer good snapshots than this, whatever the rules say

  bool operator==(const Retention&) const = default;

  /// True if no rule keeps anything (then nothing is ever removed: restic's own reading of an empty
  /// policy).
  [[nodiscard]] bool Empty() const {
    Retention empty;
    empty.min_keep = min_keep;
    return *this == empty;
  }
};

}  // namespace targets
