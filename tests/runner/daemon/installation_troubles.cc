// What goes wrong in the life of an installation, and how it becomes well again.
#include <fmt/format.h>

#include <algorithm>

#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/health/render.h"
#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::Duration;
using targets::SourceState;

constexpr Duration kMinute{60};
constexpr Duration kHour{3600};
constexpr Duration kDay{24 * 3600};
constexpr Duration kCalm = kDay * 2;

}  // namespace

void InstallationWorld::PlanTrouble() {
  Plan(Between(kMinute * 2, kHour * 14), [this] {
    if (!calm_) Trouble();
    PlanTrouble();
  });
}

void InstallationWorld::Trouble() {
  ++counts_.troubles;
  switch (Below(13)) {
    case 0:
    case 1:
      return CrashTrouble();
    case 2:
      return SourceTrouble();
    case 3:
      return DiskTrouble();
    case 4:
      return ClockTrouble();
    case 5:
      return RepositoryTrouble();
    case 6:
      return LockTrouble();
    case 7:
    case 8:
      return CommandTrouble();
    case 9:
      return Below(2) == 0 ? StopTrouble() : ReloadTrouble();
    case 10:
      if (Below(3) == 0) return RunBeside();
      person_comes_ = true;
      return;
    case 11:
      return HandTrouble();
    default:
      return Below(4) == 0 ? PersonRemoves() : ForeignersWork();
  }
}

void InstallationWorld::CrashTrouble() {
  power_cut_ = Below(2) == 0;
  if (Below(2) == 0) {
    crash_now_ = lives_;
    return;
  }
  const int step = 1 + Below(60);
  Say(fmt::format("the power will be cut before file operation {}", step));
  files_.FailStep(0);
  fail_step_.reset();
  files_.StopBeforeStep(step);
}

void InstallationWorld::SetSource(const Id& id, const std::string& state) {
  const std::string folder = "/data/" + id.str();
  if (sources_[id].first != state) sources_[id] = {state, clock_.Monotonic()};
  files_.AddFolder(folder);
  files_.SetMountPoint(folder, state != "missing");
  files_.SetUnreadable(folder, false);
  if (state == "empty") static_cast<void>(files_.Remove(folder + "/file"));
  if (state == "has_data") files_.AddFile(folder + "/file", "data");
  files_.SetUnreadable(folder, state == "unreadable");
}

void InstallationWorld::SourceTrouble() {
  const targets::Target& target =
      config().targets[static_cast<std::size_t>(Below(static_cast<int>(config().targets.size())))];
  if (target.IsStream()) return;
  const char* state =
      std::array{"missing", "unreadable", "empty"}[static_cast<std::size_t>(Below(3))];
  Say(fmt::format("the source of {} is {}", target.id.str(), state));
  SetSource(target.id, state);
  Plan(Between(kHour, kDay * 2), [this, id = target.id] { SetSource(id, "has_data"); });
}

void InstallationWorld::DiskTrouble() {
  disk_was_bad_ = true;
  if (Below(2) == 0) {
    const int step = 1 + Below(40);
    Say(fmt::format("file operation {} fails", step));
    fail_step_ = step;
    return files_.FailStep(step);
  }
  Say("the disk is full");
  const Duration takes = Between(kMinute * 10, kHour * 12);
  FillDisk(true);
  Plan(takes, [this] {
    Say("the disk has space again");
    FillDisk(false);
  });
}

void InstallationWorld::FillDisk(bool full) {
  files_.SetFull(full);
  disk_is_full_ = full;
}

void InstallationWorld::SetClock(Time to) {
  Say("the clock is set to " + targets::FormatRfc3339(to));
  // An old proof would be young again, and nobody could know better.
  if (restic_.repository == FullId('b') && !refuted_) RepositoryReturns();
  clock_.JumpTo(to);
  for (auto& [key, duty] : duties_) duty.occurrence.reset(), duty.must_begin.reset();
  latest_ = std::max(latest_, to);
  if (mailbox_ != nullptr) mailbox_->Post(TimerFired{true});
}

void InstallationWorld::ClockTrouble() {
  const bool years = Below(8) == 0;
  const Duration by = years ? Between(kDay * 300, kDay * 900) : Between(kMinute, kHour * 30);
  SetClockFor(Below(2) == 0 ? by : -by, Between(kMinute, kHour * 20));
}

void InstallationWorld::SetClockFor(Duration by, Duration lasts) {
  SetClock(clock_.Now() + by);
  clock_wrong_until_ = std::max(clock_wrong_until_, clock_.Monotonic() + lasts + kDay * 4);
  Plan(lasts, [this] {
    SetClock(TrueTime());
    RemoveFuture();
  });
}

void InstallationWorld::StopTrouble() {
  if (mailbox_ == nullptr) return;
  ++counts_.stops;
  Say("it is asked to stop");
  stop_->Stop();
  mailbox_->Post(StopSignalled{});
  theatre_.WakeAll();
}

void InstallationWorld::ReloadTrouble() {
  if (mailbox_ == nullptr) return;
  ++counts_.reloads;
  mailbox_->Post(ReloadSignalled{});
}

/// A person types `runner run`, or something else holds the target for a while.
void InstallationWorld::RunBeside() {
  if (!lives_) return;
  ++counts_.runs_beside;
  const Id id =
      config()
          .targets[static_cast<std::size_t>(Below(static_cast<int>(config().targets.size())))]
          .id;
  if (Below(3) == 0) {
    theatre_.Enter([this, id, takes = Between(kMinute, kHour * 2)] {
      const auto lock = state_.TryLockTarget(id);
      if (!lock || *lock == nullptr) return;
      Say("a person holds " + id.str());
      ++truth_[id].at_work;
      theatre_.Sleep(clock_.Monotonic() + takes);
      --truth_[id].at_work;
    });
    return;
  }
  const bool backup = Below(3) != 0;
  const bool forget = !backup || Below(2) == 0;
  Say(fmt::format("a person runs {}{}{}", id.str(), backup ? " backup" : "",
                  forget ? " forget" : ""));
  theatre_.Enter([this, id, backup, forget,
                  beside = std::shared_ptr<Workshop>(Install(Whose::kPerson).workshop)] {
    StopHandle stop;
    const StartJob asked{{id, targets::Stage::kBackup}, clock_.Now(), StartReason::kRequested, {}};
    if (backup && !beside->BackUp(asked, stop)) beside->Prove({id});
    if (!forget) return;
    StartJob job{kForgetKey, clock_.Now(), StartReason::kRequested, {id}};
    beside->Run(job, stop);
  });
}

/// Retention alone, for all targets, while there may be a doubt about the newest snapshots.
void InstallationWorld::PersonForgets() {
  if (!lives_) return;
  Say("a person runs the forget of all");
  theatre_.Enter([this, beside = std::shared_ptr<Workshop>(Install(Whose::kPerson).workshop)] {
    StopHandle stop;
    StartJob job{kForgetKey, clock_.Now(), StartReason::kRequested, {}};
    for (const targets::Target& target : config().targets) job.targets.push_back(target.id);
    beside->Run(job, stop);
  });
}

void InstallationWorld::HandTrouble() {
  if (files_.Stopped()) return;
  const Id id = config().targets.front().id;
  const std::string path = markers_.StatusFile({id, targets::Stage::kBackup});
  const auto marker = markers_.Read({id, targets::Stage::kBackup});
  if (!marker || !marker->has_value() || (*marker)->status != MarkerStatus::kSuccess) return;
  Say("a person writes FAILED for " + id.str());
  files_.AddFile(path, "FAILED\n");
  CheckStages();
  truth_[id].marked_by_hand = look_at_health_ = true;
  Plan(Between(kMinute * 5, kHour * 5), [this, id, path] {
    const auto text = files_.Read(path, kSmallFileLimit);
    if (!text || *text != "FAILED\n" || files_.Stopped()) return;
    Say("a person removes FAILED of " + id.str());
    static_cast<void>(files_.Remove(path));
    CheckStages();
    truth_[id].marked_by_hand = truth_[id].failed = false;
    stages_[{id, targets::Stage::kBackup}].ended = JobOutcome::kSuccess;
  });
}

void InstallationWorld::BeCalm() {
  ++counts_.calms;
  Say("calm");
  calm_ = true;
  calm_since_ = clock_.Monotonic();
  crash_now_ = false;
  if (!files_.Stopped()) files_.StopBeforeStep(0);
  files_.FailStep(0);
  fail_step_.reset();
  FillDisk(false);
  outage_until_.reset();
  disturbed_.clear();
  restic_.next_backup_is_incomplete = false;
  RepositoryReturns();
  for (const std::string& id : foreign_locks_) restic_.locks.erase(id);
  std::erase_if(restic_.locks, [](const auto& lock) { return lock.second.hostname != "here"; });
  foreign_locks_.clear();
  if (clock_.Now() != TrueTime()) SetClock(TrueTime());
  RemoveFuture();
  for (const auto& household : households_) {
    for (const targets::Target& target : household->targets) {
      if (!target.IsStream()) SetSource(target.id, "has_data");
    }
  }
  Plan(kMinute * 30, [this] {
    theatre_.Enter([this] { InstallationWorkshop(Machine(), households_[household_]).Accept(); });
  });
  Plan(kCalm, [this] { LookAfterCalm(); });
}

/// Everything must have healed by itself.
void InstallationWorld::LookAfterCalm() {
  calm_ = disk_was_bad_ = false;
  Plan(kDay * 10, [this] { BeCalm(); });
  if (!lives_) return Violation("after two calm days the daemon does not live");
  const HealthReport report = Evaluate(CollectHealth(config(), {}, files_, redactor_, clock_));
  if (!report.Healthy()) Violation("after two calm days: " + RenderHealthText(report, Duration{0}));
  for (const targets::Target& target : config().targets) {
    const auto& saved = truth_[target.id].saved_at;
    if (!saved || TrueTime() - *saved > kCalm)
      Violation("after two calm days there is no new backup of " + target.id.str());
  }
  for (const auto& [id, lock] : restic_.locks) {
    const bool at_work = std::ranges::any_of(
        restic_.at_work, [&](const auto& child) { return child.second.lock == id; });
    if (!at_work) Violation("after two calm days a lock is left: " + id.substr(56));
  }
}

}  // namespace runner::testing
