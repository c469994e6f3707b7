// What the daemon must begin, and what it must not begin once more.
#include <fmt/format.h>

#include <algorithm>

#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::CatchUp;
using targets::Duration;

constexpr Duration kPatience{5 * 3600};  // others may be slow, and some work alone

}  // namespace

/// The daemon says that it begins something.
void InstallationWorld::NoteStart(const std::string& subject, const std::string& stage,
                                  const std::string& message) {
  if (!message.starts_with("begins (") || files_.Stopped()) return;
  const JobKey key{subject == "repository" ? Id() : Id(subject), *targets::StageFromName(stage)};
  Duty& duty = duties_[key];
  if (duty.at_work) Violation(NameOf(key) + " begins although it is at work");
  const bool again = message == "begins (retry)" || message == "begins (interrupted before)";
  if (again) ++counts_.retries;
  duty.at_work = true;
  duty.first = !again;
  duty.begun = clock_.Monotonic();
  duty.must_begin.reset();
  const auto spec = std::ranges::find(specs_, key, &JobSpec::key);
  if (spec == specs_.end()) return;
  const auto before = std::exchange(duty.occurrence, spec->recurrence.Previous(clock_.Now()));
  if (BadDisk() || !ClockIsRight()) return duty.occurrence.reset();
  const bool due = message == "begins (scheduled)" || message.starts_with("begins (catch-up");
  if (due && before && duty.occurrence <= *before)
    Violation(NameOf(key) + " runs once more for an occurrence that it ran for");
}

void InstallationWorld::NoteDuty(const JobKey& key, JobEnd end) {
  if (files_.Stopped()) return;
  Duty& duty = duties_[key];
  duty.at_work = false;
  if (end == JobEnd::kFailure && duty.first && !BadDisk() && ClockIsRight())
    duty.must_begin = clock_.Monotonic();
}

void InstallationWorld::NoteCutOffDuties() {
  for (auto& [key, duty] : duties_) {
    if (std::exchange(duty.at_work, false) && duty.first && !BadDisk() && ClockIsRight())
      duty.must_begin = clock_.Monotonic();
  }
}

/// What failed or was cut off is tried again within its slot, and no occurrence is lost.
void InstallationWorld::CheckDuties() {
  if (!lives_ || stop_->Stopped() || BadDisk() || !ClockIsRight()) return;
  if (clock_.Monotonic() - alive_since_ < kPatience) return;
  for (const JobSpec& spec : specs_) {
    const auto& since = duties_[spec.key].must_begin;
    const bool skipped = spec.catch_up == CatchUp::kSkip && since < alive_since_;
    if (since && !skipped && clock_.Monotonic() - *since > kPatience)
      Violation(NameOf(spec.key) + " failed or was cut off, and is not tried again");
    CheckNotLost(spec);
  }
}

void InstallationWorld::CheckNotLost(const JobSpec& spec) {
  const Duty& duty = duties_[spec.key];
  const auto due = spec.recurrence.Previous(clock_.Now() - kPatience);
  if (!due || duty.begun == MonotonicTime{}) return;
  const MonotonicTime at = clock_.Monotonic() - (clock_.Now() - *due);
  if (at <= std::max(reloaded_at_, clock_wrong_until_)) return;
  const bool at_work_then = duty.begun + kPatience > at;
  if (spec.catch_up == CatchUp::kSkip && (at <= alive_since_ || at_work_then)) return;
  if (duty.begun + Duration{1} < at)  // the clock shows whole seconds
    Violation(fmt::format("{} was due at {} and is lost", NameOf(spec.key),
                          targets::FormatRfc3339(*due)));
}

}  // namespace runner::testing
