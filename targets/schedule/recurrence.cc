#include "targets/schedule/recurrence.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "targets/schedule/cron_clock.h"
#include "targets/schedule/jitter.h"

namespace targets {
namespace {

/// Instants beyond this from the epoch are refused, so that no sum overflows: about 30,000 years.
constexpr Duration kFarthest{1'000'000'000'000};

bool IsNear(UnixTime time) {
  return time.time_since_epoch() >= -kFarthest && time.time_since_epoch() <= kFarthest;
}

/// Occurrences without jitter. Next: strictly after; Previous: at or before.
class Never {
 public:
  [[nodiscard]] static std::optional<UnixTime> Next(UnixTime /*after*/) { return std::nullopt; }
  [[nodiscard]] static std::optional<UnixTime> Previous(UnixTime /*at*/) { return std::nullopt; }
};

/// The multiples of a period since the Unix epoch.
class Grid {
 public:
  explicit Grid(Duration period) : period_(period) {}

  [[nodiscard]] std::optional<UnixTime> Next(UnixTime after) const {
    return *Previous(after) + period_;
  }
  [[nodiscard]] std::optional<UnixTime> Previous(UnixTime at) const {
    const Duration since = at.time_since_epoch();
    const Duration into = ((since % period_) + period_) % period_;
    return at - into;
  }

 private:
  Duration period_;
};

using Occurrences = std::variant<Never, Grid, CronClock>;

Result<Occurrences> MakeOccurrences(const Schedule& schedule) {
  if (const auto* interval = std::get_if<IntervalTiming>(&schedule.timing)) {
    if (interval->period <= Duration{0})
      return Fail("every: the period is zero", "write a period like 6h");
    if (interval->period > kFarthest) return Fail("every: the period is too long");
    return Occurrences{Grid(interval->period)};
  }
  const auto* cron = std::get_if<CronTiming>(&schedule.timing);
  if (cron == nullptr) return Occurrences{Never{}};
  const Result<CronExpression> expression = CronExpression::Parse(cron->expression);
  if (!expression) return Fail(expression.error());
  Result<Zone> zone = schedule.timezone.empty() ? Zone() : Zone::Load(schedule.timezone);
  if (!zone) return Fail(zone.error());
  return Occurrences{CronClock(*expression, *std::move(zone))};
}

}  // namespace

class Recurrence::Impl {
 public:
  Impl(Occurrences occurrences, Duration offset)
      : occurrences_(std::move(occurrences)), offset_(offset) {}

  [[nodiscard]] std::optional<UnixTime> Next(UnixTime after) const {
    if (!IsNear(after)) return std::nullopt;
    return Shift(
        std::visit([&](const auto& all) { return all.Next(after - offset_); }, occurrences_));
  }

  [[nodiscard]] std::optional<UnixTime> Previous(UnixTime at) const {
    if (!IsNear(at)) return std::nullopt;
    return Shift(
        std::visit([&](const auto& all) { return all.Previous(at - offset_); }, occurrences_));
  }

 private:
  [[nodiscard]] std::optional<UnixTime> Shift(std::optional<UnixTime> time) const {
    return time ? std::optional(*time + offset_) : std::nullopt;
  }

  Occurrences occurrences_;
  Duration offset_;
};

Result<Recurrence> Recurrence::Make(const Schedule& schedule, std::string_view seed) {
  if (schedule.jitter > kFarthest) return Fail("jitter: too long", "write a duration like 10m");
  Result<Occurrences> occurrences = MakeOccurrences(schedule);
  if (!occurrences) return Fail(occurrences.error());
  return Recurrence(
      std::make_shared<const Impl>(*std::move(occurrences), JitterOffset(seed, schedule.jitter)));
}

std::optional<UnixTime> Recurrence::Next(UnixTime after) const { return impl_->Next(after); }

std::optional<UnixTime> Recurrence::Previous(UnixTime at) const { return impl_->Previous(at); }

std::optional<Duration> Recurrence::Period(UnixTime at) const {
  constexpr int kOccurrencesAhead = 4;
  std::optional<Duration> longest;
  std::optional<UnixTime> last = Previous(at);
  UnixTime from = at;
  for (int i = 0; i < kOccurrencesAhead; ++i) {
    const std::optional<UnixTime> next = Next(from);
    if (!next) break;
    if (last) longest = std::max(longest.value_or(Duration{0}), *next - *last);
    last = next;
    from = *next;
  }
  return longest;
}

}  // namespace targets
