#include "tests/runner/daemon/installation_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/jobs/source_state.h"
#include "runner/schedule/job_specs.h"

namespace runner::testing {
namespace {

using std::chrono::milliseconds;
using targets::Duration;

constexpr Duration kMinute{60};
constexpr Duration kHour{3600};
constexpr std::size_t kHistory = 45;

/// What the program gets instead of an event when its life is over.
struct Over {};

}  // namespace

class InstallationWorld::Ear final : public Observer {
 public:
  explicit Ear(InstallationWorld& world) : world_(world) {}
  void OnEvent(const Event& event) override {
    world_.Say(fmt::format("  {} {}: {}", event.subject, event.stage, event.message));
    world_.NoteStart(event.subject, event.stage, event.message);
  }

 private:
  InstallationWorld& world_;
};

class InstallationWorld::WatchedWorkshop final : public Workshop {
 public:
  WatchedWorkshop(InstallationWorld& world, Whose whose)
      : world_(world),
        whose_(whose),
        inner_(world.Machine(), world.households_[world.household_]) {}

  std::optional<JobReport> BackUp(const StartJob& job, StopHandle& stop) override {
    ++world_.truth_[job.key.target].at_work;
    world_.NoteBegin(job.key);
    auto report = inner_.BackUp(job, stop);
    if (report) BackupsEnded({*report});
    return report;
  }
  std::vector<JobReport> Prove(const std::set<Id>& targets) override {
    auto reports = inner_.Prove(targets);
    BackupsEnded(reports);
    return reports;
  }
  std::vector<JobReport> Run(const StartJob& job, StopHandle& stop) override {
    if (!job.key.target.empty()) ++world_.truth_[job.key.target].at_work;
    const std::vector<JobKey> stages = StagesOf(job);
    for (const JobKey& stage : stages) world_.NoteBegin(stage);
    auto reports = inner_.Run(job, stop);
    world_.CheckStages();
    for (const JobReport& report : reports) world_.NoteDone(report);
    for (const JobKey& stage : stages) --world_.stages_[stage].at_work;
    if (whose_ == Whose::kDaemon) world_.NoteDuty(job.key, EndOf(reports));
    if (!job.key.target.empty()) --world_.truth_[job.key.target].at_work;
    world_.look_at_health_ = true;
    return reports;
  }
  void Accept() { inner_.Accept(); }

 private:
  static std::vector<JobKey> StagesOf(const StartJob& job) {
    if (job.key != kForgetKey) return {job.key};
    std::vector<JobKey> stages;
    for (const Id& id : job.targets) stages.push_back({id, targets::Stage::kForget});
    return stages;
  }
  void BackupsEnded(const std::vector<JobReport>& reports) {
    if (!world_.files_.Stopped()) world_.CheckMarkers();
    for (const JobReport& report : reports) {
      world_.NoteDone(report);
      --world_.stages_[{report.target, report.stage}].at_work;
      --world_.truth_[report.target].at_work;
      if (whose_ == Whose::kDaemon) world_.NoteDuty({report.target, report.stage}, EndOf({report}));
      world_.NoteEnd(report);
    }
  }

  InstallationWorld& world_;
  Whose whose_;
  InstallationWorkshop inner_;
};

InstallationWorld::InstallationWorld(unsigned seed)
    : random_(seed), ear_(std::make_unique<Ear>(*this)) {
  restic_.repository.reset();
  restic_.host = "here";
  restic_.takes = [this](const std::string& command) {
    if (command != "backup") return milliseconds(Between(Duration{5}, kMinute * 2));
    return milliseconds(Between(Duration{5}, Share() < 0.05 ? kHour * 2 : kMinute * 8));
  };
  restic_.stale = [this](const LockInfo& lock) {
    const auto stat = files_.Read(fmt::format("/proc/{}/stat", lock.pid), 4096);
    const bool alive = stat && stat->has_value() && !(*stat)->empty();
    return clock_.Now() - lock.time > kMinute * 30 || (lock.hostname == "here" && !alive);
  };
  restic_.answered = [this] { ++answers_; };
  restic_.watch = [this](const std::string& command, const ProcessSpec& spec) {
    WatchCommand(command, spec);
  };
  for (const auto& household : households_) {
    for (const targets::Target& target : household->targets) {
      if (!target.IsStream()) SetSource(target.id, "has_data");
    }
  }
  latest_ = clock_.Now();
}

InstallationWorld::~InstallationWorld() { theatre_.EndAll(); }

SimulatedMachine InstallationWorld::Machine() {
  return {clock_, files_, *processes_, theatre_, *ear_, "here"};
}

std::string InstallationWorld::Live(Duration time) {
  end_ = clock_.Monotonic() + time;
  PlanTrouble();
  Plan(kHour * 24 * 10, [this] { BeCalm(); });
  while (violation_.empty() && clock_.Monotonic() < end_) LiveOnce();
  if (violation_.empty()) return {};
  std::string text = violation_ + "\nbefore that:\n";
  for (const std::string& line : history_) text += line + "\n";
  return text;
}

/// A machine that starts: processes are numbered anew, as in a container.
void InstallationWorld::Boot(bool new_machine) {
  for (const pid_t pid : pids_) files_.AddFile(fmt::format("/proc/{}/stat", pid), "");
  pids_.clear();
  if (new_machine || boots_ == 0) {
    ++boots_;
    files_.AddFile("/proc/sys/kernel/random/boot_id", fmt::format("boot-{}\n", boots_));
  }
  processes_ = std::make_unique<FakeProcessRunner>(clock_);
  processes_->SleepBy([this](MonotonicTime until) { theatre_.Sleep(until); });
  processes_->WatchBy(
      [this](pid_t pid, const ProcessSpec& spec) {
        std::string fields;
        for (int i = 1; i <= 18; ++i) fields += " 0";
        files_.AddFile(fmt::format("/proc/{}/stat", pid),
                       fmt::format("{} ({}) S{} {} 0 0\n", pid, spec.argv.front(), fields,
                                   clock_.Monotonic().time_since_epoch().count()));
        files_.AddFile(fmt::format("/proc/{}/comm", pid), spec.argv.front() + "\n");
        pids_.insert(pid);
      },
      [this](pid_t pid, const ProcessSpec&) {
        files_.AddFile(fmt::format("/proc/{}/stat", pid), "");
      });
  restic_.PlayOn(*processes_);
  processes_->When(HasWords({"inspect-source"}), [this](const ProcessSpec& spec) {
    targets::Guards guards;
    guards.require_mount = true;
    const SourceReport report =
        InspectSource(files_, targets::DirectorySource{spec.argv[2]}, guards);
    return Script()
        .Prints(fmt::format(R"({{"state":"{}","detail":"{}","path":"{}"}})",
                            targets::SourceStateName(report.state), "so it is", report.path))
        .Exits(0);
  });
  processes_->When(HasWords({"pg_dump"}), [this](const ProcessSpec&) {
    const milliseconds takes = Between(Duration{5}, kMinute * 8);
    const bool fails = !calm_ && Share() < 0.03;
    return Script()
        .Prints("half", milliseconds{1})
        .Prints("half", takes)
        .Exits(fails ? 1 : 0, takes);
  });
}

void InstallationWorld::LiveOnce() {
  ++life_;
  Boot(power_cut_);
  theatre_.Reopen();
  crash_now_ = false;
  files_.SetTime(clock_.Now());
  const auto prepared = state_.Prepare(clock_.Now());
  auto lock = prepared ? state_.TryLockDaemon() : StateFolder::Lock(targets::Fail("no folder"));
  if (lock && *lock != nullptr) {
    lives_ = true;
    alive_since_ = clock_.Monotonic();
    RunDaemon(*std::move(lock));
    lives_ = false;
  } else {
    Say("the daemon could not start");
    if (files_.Stopped()) Crash();
  }
  if (!violation_.empty()) return;
  // The machine is down, or the container is not started yet; the world goes on.
  const MonotonicTime until =
      clock_.Monotonic() +
      (Share() < 0.3 ? Between(kHour, kHour * 40) : Between(Duration{10}, kMinute * 20));
  const auto up = [&] { return calm_ ? std::min(until, calm_since_ + kMinute * 10) : until; };
  while (theatre_.Next() && *theatre_.Next() <= up()) theatre_.Step();
  clock_.AdvanceTo(up());
}

Installation InstallationWorld::Install(Whose whose) {
  specs_ = MakeJobSpecs(config()).value();
  return {specs_, config().max_parallel, config().stop_grace,
          std::make_shared<WatchedWorkshop>(*this, whose)};
}

void InstallationWorld::RunDaemon(std::unique_ptr<FileLock> /*lock*/) {
  Say(fmt::format("the daemon starts, life {}", life_));
  for (const targets::Target& target : config().targets) {
    auto& known = truth_[target.id].configured_at;
    if (!known) known = TrueTime();
  }
  stop_ = std::make_unique<StopHandle>();
  TheatreMailbox mailbox(theatre_, clock_, [this] { AfterEverything(); });
  mailbox_ = &mailbox;
  TheatreCrew crew(theatre_);
  RecordStore records(files_, state_);
  const auto reload = [this]() -> targets::Result<Installation> {
    for (const targets::Target& target : config().targets) truth_[target.id].configured_at.reset();
    household_ = 1 - household_;
    reloaded_at_ = clock_.Monotonic();
    for (auto& [key, duty] : duties_) duty.occurrence.reset(), duty.must_begin.reset();
    for (const targets::Target& target : config().targets)
      truth_[target.id].configured_at = TrueTime();
    return Install();
  };
  const DaemonTools tools{clock_,  mailbox, crew,
                          records, facts_,  *ear_,
                          *stop_,  reload,  [this] { processes_->StopAll(); },
                          42};
  std::optional<Daemon> daemon;
  try {
    daemon.emplace(tools, Install());
    daemon->Run();
    PlayUntilNobodyActs();
    Say("stopped in an orderly way");
    power_cut_ = false;
  } catch (const Over&) {
    Crash();
  }
  mailbox_ = nullptr;
}

/// Those who work beside the daemon go on when it stops.
void InstallationWorld::PlayUntilNobodyActs() {
  while (theatre_.AnybodyActs()) {
    theatre_.Step();
    AfterEverything();
  }
}

/// Everything that runs is dead from here on: it may do what it likes, nothing comes of it.
void InstallationWorld::Crash() {
  ++counts_.crashes;
  Say(power_cut_ ? "power cut" : "everything is killed");
  files_.StopBeforeStep(1);
  static_cast<void>(files_.Remove("/nothing/there"));
  NoteCutOff();
  const auto children = restic_.at_work;
  processes_->PowerOff();
  restic_.at_work = children;
  theatre_.EndAll();
  for (auto& [id, truth] : truth_) truth.at_work = 0;
  for (auto& [key, stage] : stages_) stage.at_work = 0;
  if (power_cut_) {
    files_.CrashAndLoseUnsynced();
  } else {
    files_.CrashAndKeepUnsynced();
  }
  ChildrenDie(power_cut_);
  after_crash_ = true;
  CheckAfterCrash();
  CheckMarkers();  // what was written just before
  after_crash_ = false;
}

void InstallationWorld::AfterEverything() {
  latest_ = std::max(latest_, clock_.Now());
  files_.SetTime(clock_.Now());
  if (fail_step_ && files_.Steps() >= *fail_step_) {
    fail_step_.reset();
    files_.FailStep(0);
    io_trouble_until_ = clock_.Monotonic() + kMinute * 10;
  }
  const bool quiet =
      said_ == std::exchange(looked_at_, said_) && clock_.Monotonic() < health_looked_at_ + kHour;
  if (!files_.Stopped() && !quiet) {
    NoteSnapshots();
    CheckMarkers();
    CheckNothingLost();
    CheckDuties();
    CheckHealth();
  }
  if (!violation_.empty() || crash_now_ || files_.Stopped() || clock_.Monotonic() >= end_)
    throw Over{};
}

InstallationWorld::Time InstallationWorld::TrueTime() const {
  return born_ + std::chrono::floor<Duration>(clock_.Monotonic() - born_mono_);
}

/// Now, and for so long that nothing is left of the time when it was not.
bool InstallationWorld::ClockIsRight() const { return clock_.Monotonic() >= clock_wrong_until_; }

void InstallationWorld::Plan(Duration from_now, std::function<void()> what) {
  theatre_.Plan(clock_.Monotonic() + from_now, std::move(what));
}

void InstallationWorld::Say(const std::string& what) {
  ++said_;
  history_.push_back(targets::FormatRfc3339(clock_.Now()) + " " + what);
  if (history_.size() > kHistory) history_.pop_front();
}

void InstallationWorld::Violation(const std::string& text) {
  if (violation_.empty())
    violation_ = fmt::format("{} (life {}): {}", targets::FormatRfc3339(clock_.Now()), life_, text);
}

double InstallationWorld::Share() { return std::uniform_real_distribution<>(0, 1)(random_); }

int InstallationWorld::Below(int limit) {
  return std::uniform_int_distribution<>(0, limit - 1)(random_);
}

Duration InstallationWorld::Between(Duration low, Duration high) {
  return Duration(std::uniform_int_distribution<std::int64_t>(low.count(), high.count())(random_));
}

}  // namespace runner::testing
