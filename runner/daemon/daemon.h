#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/daemon/crew.h"
#include "runner/daemon/mailbox.h"
#include "runner/daemon/workshop.h"
#include "runner/schedule/record_store.h"
#include "runner/schedule/scheduler.h"
#include "runner/state/fact_store.h"

namespace runner {

/// What the daemon works with. All of it outlives the daemon.
struct DaemonTools {
  const Clock& clock;
  Mailbox& mailbox;
  Crew& crew;
  RecordStore& records;
  const FactStore& facts;
  Observer& observer;
  /// Used by the jobs; the caller stops it before it posts StopSignalled.
  StopHandle& stop;
  /// Reads the configuration again. Errors: what is wrong with it; the old one stays.
  std::function<targets::Result<Installation>()> reload;
  /// Called when the grace of a stop is over: ends what still runs, now.
  std::function<void()> hurry;
  long pid = 0;
};

/// Lets the scheduler decide and does what it says: stores its records, starts its jobs, sleeps
/// until the next instant that matters. Of a wave of backups each gives its place to the next as
/// soon as restic is done, and one listing proves them all: when the last has run, or when one has
/// waited for kProofWaits. A job that fails never ends it. One thread; jobs run in the crew's.
class Daemon {
 public:
  static constexpr targets::Duration kProofWaits{60};
  /// After stop_grace a child has been sent SIGTERM; so much later even that had no effect.
  static constexpr targets::Duration kHurryAfterGrace{10};

  Daemon(const DaemonTools& tools, Installation installation);

  /// Returns after StopSignalled, when nothing runs any more.
  /// REQUIRES: the daemon's lock of the state folder is held.
  void Run();

 private:
  struct Unproven {
    std::shared_ptr<Workshop> workshop;
    targets::UnixTime since{};
  };

  void Start();
  void Handle(const JobEnded& event);
  void Handle(const BackupRan& event);
  void Handle(const ProofsEnded& event);
  void Handle(const TimerFired& event);
  void Handle(const StopSignalled& event);
  void Handle(const ReloadSignalled& event);
  void Handle(const JobAsked& event);
  void Handle(const ErrandAsked& event);

  void Tell(const SchedulerEvent& event);
  void StoreRecords(const std::map<JobKey, JobRecord>& records);
  void StartRun(const StartJob& job);
  void RunBackup(const StartJob& job);
  void ProveWhatWaits();
  void RestIfIdle();
  [[nodiscard]] bool MayProve(targets::UnixTime now) const;
  void HurryIfGraceIsOver(targets::UnixTime now);
  [[nodiscard]] std::optional<targets::UnixTime> NextWake() const;
  void WriteFacts();
  [[nodiscard]] std::map<JobKey, JobRecord> LoadRecords();
  void Say(Severity severity, std::string message);
  void SayStart(const StartJob& job);

  const DaemonTools& tools_;
  Installation installation_;
  Scheduler scheduler_;
  std::optional<targets::UnixTime> wake_at_;  // by the scheduler
  bool stopped_ = false;
  std::set<JobKey> backups_;             // at work with restic
  std::map<JobKey, Unproven> unproven_;  // their snapshots wait for a listing
  std::set<JobKey> at_work_;             // began and have not ended
  bool rests_ = false;                   // nothing is at work, and at_rest was asked for
  std::set<JobKey> in_proof_;
  std::optional<targets::UnixTime> hurry_at_;
  bool stopping_ = false;
  bool records_complained_ = false;
  DaemonFacts about_me_;
  std::optional<DaemonFacts> written_;
};

}  // namespace runner
