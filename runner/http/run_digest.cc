#include "runner/http/run_digest.h"

#include <chrono>

#include "runner/jobs/report.h"

namespace runner {

DayMark MarkOf(const DayOfRuns& day) {
  if (day.good > 0) return day.bad > 0 ? DayMark::kMixed : DayMark::kGood;
  if (day.bad > 0) return DayMark::kFailed;
  return day.incomplete > 0 ? DayMark::kIncomplete : DayMark::kNone;
}

RunDigest::Day RunDigest::DayOf(targets::UnixTime time) const {
  const targets::UnixTime local = time + zone_.OffsetAt(time);
  return std::chrono::floor<std::chrono::days>(local).time_since_epoch().count();
}

void RunDigest::Add(const RunOutline& run) {
  DayOfRuns& day = days_[run.target][DayOf(run.started)];
  if (run.outcome == JobOutcomeName(JobOutcome::kSuccess)) ++day.good;
  if (run.outcome == JobOutcomeName(JobOutcome::kIncomplete)) ++day.incomplete;
  if (run.outcome == JobOutcomeName(JobOutcome::kFailed) ||
      run.outcome == JobOutcomeName(JobOutcome::kBlocked))
    ++day.bad;
  if (run.bytes_total) day.size = run.bytes_total;
}

void RunDigest::Trim(targets::UnixTime now) {
  const Day first = DayOf(now) - static_cast<Day>(kStripDays) + 1;
  for (auto& [target, days] : days_) days.erase(days.begin(), days.lower_bound(first));
  std::erase_if(days_, [](const auto& entry) { return entry.second.empty(); });
}

Strip RunDigest::StripOf(const targets::TargetId& target, targets::UnixTime now) const {
  Strip strip;
  const auto found = days_.find(target);
  if (found == days_.end()) return strip;
  const Day first = DayOf(now) - static_cast<Day>(kStripDays) + 1;
  for (auto day = found->second.lower_bound(first); day != found->second.end(); ++day) {
    const auto index = static_cast<std::size_t>(day->first - first);
    if (index < strip.size()) strip[index] = day->second;
  }
  return strip;
}

targets::UnixTime RunDigest::Since(targets::UnixTime now) {
  return now - std::chrono::days(kStripDays + 1);
}

}  // namespace runner
