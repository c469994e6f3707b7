#include "runner/app/herald.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/app/channel_tools.h"
#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/notify/verdicts.h"

namespace runner {
namespace {

using targets::UnixTime;

/// Another process may be sending: a round is short.
constexpr std::chrono::milliseconds kLockPause{250};
constexpr int kLockTries = 120;

std::unique_ptr<FileLock> Lock(ChannelStore& store, const Machine& machine, Observer& observer) {
  for (int i = 0; i < kLockTries && !machine.stop.Stopped(); ++i) {
    auto lock = store.TryLock();
    if (!lock) {
      observer.OnEvent({Severity::kWarning, "notify", "",
                        "nobody can be told anything: " + lock.error().message});
      return nullptr;
    }
    if (*lock != nullptr) return *std::move(lock);
    std::this_thread::sleep_for(kLockPause);
  }
  return nullptr;
}

/// What a ping's body says of a run.
std::string Describe(const JobReport& report) {
  std::string text =
      fmt::format("{}: backup {}\n", report.target.str(), JobOutcomeName(report.outcome));
  if (!report.reason.empty()) text += report.reason + "\n";
  return text;
}

}  // namespace

/// What works for one configuration.
struct Herald::Office {
  Office(Machine& machine, Observer& observer, std::shared_ptr<const targets::Config> its)
      : config(std::move(its)),
        tools(machine, *config),
        store(machine.files, StateFolder(machine.files, config->state_dir)),
        notifier({store, tools.sender(), machine.clock, observer}) {}

  std::shared_ptr<const targets::Config> config;
  ChannelTools tools;
  ChannelStore store;
  Notifier notifier;
};

Herald::Herald(Machine& machine, std::shared_ptr<Observer> observer)
    : machine_(machine), observer_(std::move(observer)) {}

Herald::~Herald() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (hangs_) machine_.leave_at_once = true;
}

void Herald::Use(std::shared_ptr<const targets::Config> config) {
  const std::lock_guard lock(mutex_);
  config_ = std::move(config);
  if (config_->notify.empty() && !thread_.joinable()) return;
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  Wake(Wish::kSend);
}

void Herald::Started(const targets::TargetId& target) {
  const std::lock_guard lock(mutex_);
  runs_.push_back({targets::NewsKind::kStart, target, machine_.clock.Now(), {}});
  Wake(Wish::kSend);
}

void Herald::Ended(const JobReport& report) {
  const std::lock_guard lock(mutex_);
  const bool made =
      report.outcome == JobOutcome::kSuccess || report.outcome == JobOutcome::kIncomplete;
  if (report.stage == targets::Stage::kBackup && made) {
    runs_.push_back(
        {targets::NewsKind::kSuccess, report.target, machine_.clock.Now(), Describe(report)});
  }
  Wake(Wish::kLook);
}

void Herald::Finish() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return;
  Wake(Wish::kLook);
  changed_.wait(lock, [this] { return !wish_ && !busy_; });
}

/// REQUIRES: the lock is held.
void Herald::Wake(Wish wish) {
  if (!thread_.joinable()) {
    runs_.clear();
    return;
  }
  wish_ = std::max(wish_.value_or(wish), wish);
  changed_.notify_all();
}

void Herald::Run() {
  look_at_ = machine_.clock.Now() + kFirstLook;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (!wish_) {
      if (changed_.wait_for(lock, Nap()) == std::cv_status::timeout) wish_ = Wish::kLook;
      continue;
    }
    const Wish wish = *wish_;
    wish_.reset();
    busy_ = true;
    if (office_ == nullptr || office_->config != config_)
      office_ = std::make_unique<Office>(machine_, *observer_, config_);
    RoundInput input{{}, std::move(runs_)};
    runs_.clear();
    lock.unlock();
    Round(wish, std::move(input));
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

/// At most a day, whatever somebody did to the clock.
std::chrono::seconds Herald::Nap() const {
  const UnixTime now = machine_.clock.Now();
  const UnixTime wake = std::min(look_at_, send_at_.value_or(look_at_));
  return std::clamp<std::chrono::seconds>(wake - now, std::chrono::seconds(0), kLongestRest);
}

void Herald::Round(Wish wish, RoundInput input) {
  const auto stopped = [this] { return machine_.stop.Stopped(); };
  if (stopped()) return RestForLong();
  const auto lock = Lock(office_->store, machine_, *observer_);
  if (lock == nullptr) {
    look_at_ = machine_.clock.Now() + kLockRetry;
    return PutBack(std::move(input.runs));
  }
  if (wish == Wish::kLook) input.verdicts = Look(*office_->config);
  send_at_ = office_->notifier.Round(*office_->config, input, stopped);
  if (wish == Wish::kLook) look_at_ = std::min(look_at_, send_at_.value_or(look_at_));
}

/// What there is to do is done at the next start.
void Herald::RestForLong() {
  look_at_ = machine_.clock.Now() + kLongestRest;
  send_at_.reset();
}

/// In front of what has happened since. Only so many: whoever cannot lock for so long never will.
void Herald::PutBack(std::vector<RunNews> runs) {
  constexpr std::size_t kMostRuns = 1'000;
  const std::lock_guard lock(mutex_);
  if (runs.size() + runs_.size() <= kMostRuns)
    runs_.insert(runs_.begin(), runs.begin(), runs.end());
}

std::vector<Verdict> Herald::Look(const targets::Config& config) {
  const UnixTime now = machine_.clock.Now();
  if (now >= dead_until_) dead_.clear();
  targets::Config alive = config;
  std::erase_if(alive.targets,
                [&](const targets::Target& target) { return dead_.contains(target.id); });
  const targets::Redactor redactor = machine_.console.redactor();
  const HealthInput input = CollectHealth(alive, {}, machine_.files, redactor, machine_.clock);
  std::vector<Verdict> verdicts = VerdictsOf(Evaluate(input), input);
  look_at_ = NextLook(input);
  for (const targets::TargetId& id : dead_) verdicts.push_back({id.str(), Light::kUnsettled});
  if (!input.a_look_hangs) return verdicts;
  hangs_ = true;
  dead_until_ = now + kDeadSource;
  look_at_ = std::min(look_at_, dead_until_);
  for (const TargetInput& target : input.targets) {
    if (target.source && target.source->state == targets::SourceState::kUnreadable)
      dead_.insert(target.id);
  }
  return verdicts;
}

}  // namespace runner
