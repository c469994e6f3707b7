// What the markers of every stage must say, and what colour follows from the truth.
#include <fmt/format.h>

#include <algorithm>

#include "targets/plan/seed.h"
#include "targets/schedule/recurrence.h"
#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::Duration;
using targets::Stage;
using targets::Target;

bool IsBad(const std::optional<JobOutcome>& outcome) {
  return outcome == JobOutcome::kFailed || outcome == JobOutcome::kBlocked ||
         outcome == JobOutcome::kInterrupted;
}

std::vector<JobKey> StagesOf(const std::string& subject) {
  if (subject != "repository") {
    const targets::TargetId id(subject);
    return {{id, Stage::kRestore}, {id, Stage::kBackup}, {id, Stage::kForget}};
  }
  return {{{}, Stage::kProbe}, {{}, Stage::kPrune}, {{}, Stage::kCheck}};
}

}  // namespace

std::string NameOf(const JobKey& key) {
  return fmt::format("{} {}", key.target.empty() ? "repository" : key.target.str(),
                     targets::StageName(key.stage));
}

/// While it is so, a marker may be lost.
bool InstallationWorld::BadDisk() const {
  return disk_is_full_ || fail_step_ || clock_.Monotonic() < io_trouble_until_;
}

void InstallationWorld::NoteBegin(const JobKey& key) {
  StageTruth& stage = stages_[key];
  if (stage.at_work++ > 0) return;
  stage.began = clock_.Monotonic();
  stage.commands = key.stage == Stage::kProbe
                       ? answers_
                       : restic_.done[std::string(targets::StageName(key.stage))];
}

/// A run has ended and must have left its word on the disk.
void InstallationWorld::NoteDone(const JobReport& report) {
  if (files_.Stopped()) {
    stages_[{report.target, report.stage}].cut_off = true;
    return;
  }
  ++counts_.ends;
  if (report.reason.find("this installation belongs to") != std::string::npos && !BadDisk())
    refuted_ = true;
  if (report.reason.starts_with("another ")) return;  // who is at work speaks for it
  const JobKey key{report.target, report.stage};
  StageTruth& stage = stages_[key];
  stage.cut_off = false;
  stage.ended.reset();
  if (BadDisk()) return;
  stage.ended = report.outcome;
  if (ParseMarker(stage.marker).status != MarkerStatusOf(report.outcome))
    Violation(fmt::format("{} ended with {}, but its marker says {}", NameOf(key),
                          JobOutcomeName(report.outcome), stage.marker));
}

void InstallationWorld::NoteCutOff() {
  for (auto& [key, stage] : stages_) stage.cut_off = stage.cut_off || stage.at_work > 0;
  NoteCutOffDuties();
}

void InstallationWorld::CheckStages() {
  if (files_.Stopped()) return;
  for (const Target& target : households_.front()->targets) {  // of all that there ever are
    for (const JobKey& key : StagesOf(target.id.str())) CheckStage(key);
  }
  for (const JobKey& key : StagesOf("repository")) CheckStage(key);
}

void InstallationWorld::CheckStage(const JobKey& key) {
  const auto text = files_.Read(markers_.StatusFile({key.target, key.stage}), kSmallFileLimit);
  if (!text) return Violation("no marker can be read: " + text.error().message);
  StageTruth& stage = stages_[key];
  const std::string now = text->value_or("");
  if (now == stage.marker) return;
  CheckChange(key, now);
  stage.before = std::exchange(stage.marker, now);
  stage.shaky = BadDisk();
  const MarkerStatus status = ParseMarker(now).status;
  if (status == MarkerStatus::kUnreadable && !now.empty())
    return Violation(NameOf(key) + " has a marker that nobody understands: " + now);
  if (status != MarkerStatus::kSuccess) return;
  CheckStageSuccess(key);
  stage.ended = JobOutcome::kSuccess;
}

/// Nobody but the stage's own run says anything about it: neither a later stage nor another target.
void InstallationWorld::CheckChange(const JobKey& key, const std::string& text) {
  const StageTruth& stage = stages_[key];
  const bool settles = key.stage == Stage::kRestore && truth_[key.target].at_work > 0;
  const bool by_hand = text == "FAILED\n" || (stage.marker == "FAILED\n" && text.empty());
  if (stage.at_work > 0 || after_crash_ || settles || by_hand) return;
  Violation(fmt::format("the marker of {} changed, but nobody was at work: {}", NameOf(key), text));
}

/// SUCCESS was just written.
void InstallationWorld::CheckStageSuccess(const JobKey& key) {
  const StageTruth& stage = stages_[key];
  const std::string name(targets::StageName(key.stage));
  if (key.stage == Stage::kBackup)
    CheckSuccess(*AnyTarget(key.target), ParseMarker(stage.marker).Detail(marker_key::kSnapshot));
  if (key.stage == Stage::kRestore) CheckSourceWasThere(*AnyTarget(key.target));
  if (key.stage == Stage::kForget) CheckForgotten(*AnyTarget(key.target));
  if (key.stage == Stage::kProbe && answers_ == stage.commands)
    Violation("a probe succeeded without an answer of our repository");
  const bool proves = key.stage == Stage::kPrune || key.stage == Stage::kCheck;
  if (proves && restic_.done[name] == stage.commands)
    Violation(fmt::format("{} succeeded, but restic did not", name));
}

/// A restore check is content: then the source has data, or there never was any.
void InstallationWorld::CheckSourceWasThere(const Target& target) {
  if (target.IsStream() || after_crash_) return;
  const StageTruth& check = stages_[{target.id, Stage::kRestore}];
  const auto began = check.at_work > 0 ? check.began : stages_[{target.id, Stage::kBackup}].began;
  const auto& [state, since] = sources_[target.id];
  const bool lost = state == "empty" && !truth_[target.id].good.empty();
  if (since < began && (lost || state == "missing" || state == "unreadable"))
    Violation(fmt::format("the restore check of {} is content, but its source is {}",
                          target.id.str(), state));
}

/// What was once on the disk stays there.
void InstallationWorld::CheckAfterCrash() {
  for (const auto& [key, stage] : stages_) {
    const auto text = files_.Read(markers_.StatusFile({key.target, key.stage}), kSmallFileLimit);
    if (!text || text->value_or("") == stage.marker || stage.shaky) continue;
    if (text->value_or("") == stage.before)
      Violation(fmt::format("the marker of {} fell back from {} to {}", NameOf(key), stage.marker,
                            stage.before));
  }
}

/// Why it may be red; "": it must be green.
std::string InstallationWorld::WhyRed(const std::string& subject) {
  if (BadDisk() || disk_was_bad_) return "bad disk";
  if (!ClockIsRight()) return "wrong clock";
  for (const JobKey& key : StagesOf(subject)) {
    const StageTruth& stage = stages_[key];
    if (stage.cut_off) return "cut off";
    if (IsBad(stage.ended) || stage.ended == JobOutcome::kIncomplete) return "failed";
    if (!stage.ended && !stage.marker.empty()) return "nobody knows";
  }
  if (subject == "repository") return {};
  const Target& target = *targets::FindTarget(config(), Id(subject));
  const Truth& truth = truth_[target.id];
  if (truth.failed || truth.marked_by_hand) return "failed";
  if (!target.IsStream() && sources_[target.id].first != "has_data") return "no source";
  const auto recurrence =
      targets::Recurrence::Make(target.schedule, targets::JitterSeed(target.id, Stage::kBackup));
  if (!truth.saved_at || TrueTime() - *truth.saved_at > recurrence->Period(clock_.Now()).value())
    return "old";
  return {};
}

/// Red when, and only when, there is a reason that the world knows of.
void InstallationWorld::CheckColour(const SubjectHealth& subject) {
  for (const JobKey& key : StagesOf(subject.name)) {
    const StageTruth& stage = stages_[key];
    if (!subject.Healthy() || stage.at_work > 0) continue;
    // Whoever holds the target passes for the owner of what was left.
    const bool left = ParseMarker(stage.marker).status == MarkerStatus::kRunning &&
                      (key.target.empty() || truth_[key.target].at_work == 0);
    const bool by_hand = key.stage == Stage::kBackup && stage.marker.empty();
    if (stage.cut_off && left)
      Violation(subject.name + " is green, but was cut off: " + NameOf(key));
    if (IsBad(stage.ended) && !stage.cut_off && !by_hand)
      Violation(subject.name + " is green, but failed: " + NameOf(key));
  }
  if (subject.Healthy() || !WhyRed(subject.name).empty()) return;
  Violation(fmt::format("{} is red without a reason: {}", subject.name,
                        subject.findings.front().message));
}

}  // namespace runner::testing
