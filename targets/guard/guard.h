#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "targets/base/size.h"
#include "targets/base/time.h"
#include "targets/model/target.h"

namespace targets {

/// How much a snapshot holds.
struct SnapshotFigures {
  std::uint64_t files = 0;
  Bytes bytes = 0;

  bool operator==(const SnapshotFigures&) const = default;
};

/// What became of the files of the last good snapshot.
struct Churn {
  std::uint64_t changed = 0;
  std::uint64_t gone = 0;

  bool operator==(const Churn&) const = default;
};

/// True if a guard looks at each new snapshot of the target. What a stream prints is one file that
/// always changes: `max_changed` says nothing about it.
bool GuardsSnapshots(const Target& target);
bool GuardsAgainstChurn(const Target& target);

/// Why a snapshot is suspicious beside the last good one: more than `max_shrink` of the files or of
/// the bytes is lost. One sentence with the figures; empty: it is not, or there is no such guard. A
/// figure of which the last good snapshot had nothing cannot shrink.
std::string FindShrinkage(const Guards& guards, const SnapshotFigures& last_good,
                          const SnapshotFigures& made);

/// The same for `max_changed`: more than that share of the last good snapshot's files is changed or
/// gone, as after encryption by malware, which may rename the files too. New files do not count.
std::string FindChurn(const Guards& guards, std::uint64_t last_good_files, const Churn& churn);

/// The least distance of two successive backups that is not believed without a person: a clock that
/// stands wrong by so much makes "within" rules forget everything before.
inline constexpr Duration kFarApart{180 * 24 * 3600};

/// Why a clock must have jumped between the backups of `before` and `now`; `period` is that of the
/// target's schedule, which may be as long. One sentence; empty: it need not have.
std::string FindClockJump(UnixTime before, UnixTime now, std::optional<Duration> period);

}  // namespace targets
