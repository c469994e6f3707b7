// What the state folder and the healthcheck must say.
#include <fmt/format.h>

#include <algorithm>

#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "targets/plan/seed.h"
#include "targets/schedule/recurrence.h"
#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::Duration;
using targets::Stage;
using targets::Target;

constexpr Duration kHour{3600};
constexpr Duration kLookEvery = kHour * 3;

}  // namespace

void InstallationWorld::NoteEnd(const JobReport& report) {
  if (files_.Stopped() || report.stage != Stage::kBackup) return;
  look_at_health_ = true;
  Truth& truth = truth_[report.target];
  switch (report.outcome) {
    case JobOutcome::kSkipped:
      return;
    case JobOutcome::kSuccess:
    case JobOutcome::kIncomplete:
      if (report.outcome == JobOutcome::kSuccess) ++counts_.successes;
      truth.failed = truth.marked_by_hand = false;
      truth.saved_at = TrueTime();
      return;
    case JobOutcome::kFailed:
    case JobOutcome::kBlocked:
    case JobOutcome::kInterrupted:
      break;
  }
  // The run that holds the target speaks for it, and a bad disk may keep the word back.
  const bool said = !BadDisk() && report.reason != "another run of this target is at work";
  if (said) truth.failed = true;
}

void InstallationWorld::CheckMarkers() {
  latest_ = std::max(latest_, clock_.Now());
  if (!pinned_) pinned_ = facts_.PinnedRepositoryId().value_or(std::nullopt).has_value();
  CheckStages();
  for (const Target& target : households_.front()->targets) {  // of all that there ever are
    const bool locked = state_.TargetIsLocked(target.id).value_or(false);
    if (locked && truth_[target.id].at_work == 0)
      Violation("the lock of " + target.id.str() + " is held, but nobody is at work");
    const auto success = markers_.LastSuccess({target.id, Stage::kBackup});
    if (success && *success && **success > latest_)
      Violation("a success of " + target.id.str() + " that no clock has seen yet");
  }
}

/// SUCCESS was just written.
void InstallationWorld::CheckSuccess(const Target& target, const std::string& snapshot) {
  Truth& truth = truth_[target.id];
  const std::string what = "SUCCESS of " + target.id.str() + " names " + snapshot;
  const auto made = made_.find(snapshot);
  if (made == made_.end() || made->second.target != target.id)
    return Violation(what + ", which is no snapshot of it");
  if (!made->second.whole) Violation(what + ", which is not whole");
  if (!made->second.listed) Violation(what + ", which no listing has proven");
  if (made->second.life != life_) Violation(what + ", which an earlier life made");
  if (made->second.at < stages_[{target.id, Stage::kBackup}].began)
    Violation(what + ", which an earlier run made");
  if (truth.good == snapshot) Violation(what + " once more");
  if (Find(snapshot) == nullptr && !removed_by_hand_.contains(snapshot))
    Violation(what + ", which is not in the repository");
  truth.good = snapshot;
}

void InstallationWorld::CheckNothingLost() {
  for (const auto& [id, truth] : truth_) {
    if (truth.good.empty() || removed_by_hand_.contains(truth.good)) continue;
    if (Find(truth.good) == nullptr)
      Violation("the newest good snapshot of " + id.str() + " is lost: " + truth.good);
  }
}

void InstallationWorld::CheckHealth() {
  if (!lives_) return;
  if (!look_at_health_ && clock_.Monotonic() < health_looked_at_ + kLookEvery) return;
  look_at_health_ = false;
  health_looked_at_ = clock_.Monotonic();
  const HealthReport report = Evaluate(CollectHealth(config(), {}, files_, redactor_, clock_));
  ++(report.Healthy() ? counts_.green : counts_.red);
  for (const SubjectHealth& subject : report.targets) {
    CheckHealthOf(*targets::FindTarget(config(), Id(subject.name)), subject.Healthy());
    CheckColour(subject);
  }
  for (const SubjectHealth& subject : report.others) {
    if (subject.name == "repository") CheckColour(subject);
  }
}

/// Green must be earned: the newest attempt did not fail, and a snapshot is as young as the
/// schedule promises.
void InstallationWorld::CheckHealthOf(const Target& target, bool green) {
  const Truth& truth = truth_[target.id];
  if (!green || truth.at_work > 0) return;
  if (truth.failed) Violation(target.id.str() + " is green, but its newest backup failed");
  if (truth.marked_by_hand) Violation(target.id.str() + " is green, but a person wrote FAILED");
  const Time since = std::max(truth.saved_at.value_or(born_), *truth.configured_at);
  const Duration age = TrueTime() - since;
  if (age < kHour * 7 || !ClockIsRight()) return;
  const auto recurrence =
      targets::Recurrence::Make(target.schedule, targets::JitterSeed(target.id, Stage::kBackup));
  const Duration period = recurrence->Period(clock_.Now()).value();
  if (age > period + FreshnessGrace(period) + kHour)
    Violation(fmt::format("{} is green, but its newest backup is {} old", target.id.str(),
                          targets::FormatDuration(age)));
}

}  // namespace runner::testing
