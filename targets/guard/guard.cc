#include "targets/guard/guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace targets {
namespace {

double Share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Shares are decimal fractions, which a double only approaches: 3 of 10 are not more than 30 %.
bool Exceeds(double share, double limit) {
  constexpr double kRounding = 1e-9;
  return share > limit + kRounding;
}

/// "52.4 %".
std::string Percent(double share) { return fmt::format("{:.4g} %", share * 100); }

/// The share that is lost, if that is too much.
std::optional<double> Loss(double limit, std::uint64_t before, std::uint64_t now) {
  if (now >= before) return std::nullopt;
  const double lost = Share(before - now, before);
  return Exceeds(lost, limit) ? std::optional(lost) : std::nullopt;
}

}  // namespace

bool GuardsAgainstChurn(const Target& target) {
  return target.guard.max_changed.has_value() && !target.IsStream();
}

bool GuardsSnapshots(const Target& target) {
  return target.guard.max_shrink.has_value() || GuardsAgainstChurn(target);
}

std::string FindShrinkage(const Guards& guards, const SnapshotFigures& last_good,
                          const SnapshotFigures& made) {
  if (!guards.max_shrink) return {};
  const double limit = *guards.max_shrink;
  if (const auto lost = Loss(limit, last_good.files, made.files)) {
    return fmt::format("it lost {} of the files ({} {} left of {}), more than guard.max_shrink: {}",
                       Percent(*lost), made.files, made.files == 1 ? "is" : "are", last_good.files,
                       Percent(limit));
  }
  if (const auto lost = Loss(limit, last_good.bytes, made.bytes)) {
    return fmt::format(
        "it lost {} of the bytes ({} are left of {}), more than guard.max_shrink: {}",
        Percent(*lost), FormatSize(made.bytes), FormatSize(last_good.bytes), Percent(limit));
  }
  return {};
}

std::string FindChurn(const Guards& guards, std::uint64_t last_good_files, const Churn& churn) {
  if (!guards.max_changed || last_good_files == 0) return {};
  const double share =
      Share(std::min(churn.changed + churn.gone, last_good_files), last_good_files);
  if (!Exceeds(share, *guards.max_changed)) return {};
  return fmt::format(
      "{} of the {} files of the last good snapshot are changed ({}) or gone ({}), more than "
      "guard.max_changed: {}",
      Percent(share), last_good_files, churn.changed, churn.gone, Percent(*guards.max_changed));
}

std::string FindClockJump(UnixTime before, UnixTime now, std::optional<Duration> period) {
  const Duration limit = std::max(kFarApart, 2 * period.value_or(Duration{0}));
  if (now - before <= limit) return {};
  return fmt::format("the clock showed {}, {} after the backup before it ({})", FormatRfc3339(now),
                     FormatDuration(now - before), FormatRfc3339(before));
}

}  // namespace targets
