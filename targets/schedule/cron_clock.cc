#include "targets/schedule/cron_clock.h"

#include <algorithm>
#include <chrono>

namespace targets {
namespace {

using std::chrono::local_seconds;
using std::chrono::minutes;

constexpr UnixTime kEarliest{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr UnixTime kLatest{std::chrono::sys_days{std::chrono::year{2350} / 1 / 1}};

bool InRange(UnixTime time) { return time >= kEarliest && time < kLatest; }

/// What a clock that is `offset` ahead of UTC shows.
local_seconds Civil(UnixTime time, Duration offset) {
  return local_seconds{time.time_since_epoch() + offset};
}
UnixTime Instant(CivilMinute civil, Duration offset) {
  return UnixTime{civil.time_since_epoch() - offset};
}

/// The first whole minute at or after.
CivilMinute Up(local_seconds civil) { return std::chrono::ceil<minutes>(civil); }
/// The last whole minute at or before.
CivilMinute Down(local_seconds civil) { return std::chrono::floor<minutes>(civil); }

/// The civil minutes on both sides of a clock change: the clock shows up to `old_end`, then from
/// `new_begin` on.
struct Jump {
  CivilMinute old_end;
  CivilMinute new_begin;

  explicit Jump(const ClockChange& change)
      : old_end(Up(Civil(change.at, change.before))),
        new_begin(Up(Civil(change.at, change.after))) {}
};

}  // namespace

/// The first civil minute to look at for an occurrence after that instant.
CivilMinute CronClock::NextBegin(UnixTime after, Duration offset) const {
  const CivilMinute begin = Down(Civil(after, offset)) + minutes{1};
  if (expression_.FollowsTheClock()) return begin;
  const std::optional<ClockChange> change = zone_.PreviousChange(after);
  return change ? std::max(begin, Jump(*change).old_end) : begin;  // what repeats has had its pass
}

std::optional<UnixTime> CronClock::Next(UnixTime after) const {
  if (!expression_.Fires() || !InRange(after)) return std::nullopt;
  Duration offset = zone_.OffsetAt(after);
  const CivilMinute begin = NextBegin(after, offset);
  const CivilMinute horizon = begin + std::chrono::duration_cast<minutes>(kHorizon);
  std::optional<CivilMinute> due = expression_.First(begin, horizon);
  UnixTime at = after;
  while (due) {  // one round for each stretch of time between two clock changes
    const std::optional<ClockChange> change = zone_.NextChange(at);
    const UnixTime instant = Instant(*due, offset);
    if (!change || instant < change->at)
      return InRange(instant) ? std::optional(instant) : std::nullopt;
    const Jump jump(*change);
    if (!expression_.FollowsTheClock()) {
      if (*due < jump.new_begin) return change->at;  // skipped by this change
    } else if (jump.new_begin < jump.old_end || *due < jump.new_begin) {
      due = expression_.First(jump.new_begin, horizon);
    }
    at = change->at;
    offset = change->after;
  }
  return std::nullopt;
}

std::optional<UnixTime> CronClock::Previous(UnixTime at) const {
  if (!expression_.Fires() || !InRange(at)) return std::nullopt;
  const UnixTime horizon = at - kHorizon;
  const bool fixed = !expression_.FollowsTheClock();
  Duration offset = zone_.OffsetAt(at);
  while (at > horizon) {  // one round for each stretch of time between two clock changes
    const std::optional<ClockChange> change = zone_.PreviousChange(at);
    const CivilMinute end = Down(Civil(at, offset));
    if (!change || change->at < horizon) {
      const std::optional<CivilMinute> due = expression_.Last(Up(Civil(horizon, offset)), end);
      return due ? std::optional(Instant(*due, offset)) : std::nullopt;
    }
    const Jump jump(*change);
    const CivilMinute begin = fixed ? std::max(jump.new_begin, jump.old_end) : jump.new_begin;
    if (const auto due = expression_.Last(begin, end)) return Instant(*due, offset);
    if (fixed && jump.old_end < jump.new_begin &&
        expression_.Last(jump.old_end, jump.new_begin - minutes{1})) {
      return change->at;
    }
    at = change->at - Duration{1};
    offset = change->before;
  }
  return std::nullopt;
}

}  // namespace targets
