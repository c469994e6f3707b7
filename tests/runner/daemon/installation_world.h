#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/daemon/daemon.h"
#include "runner/health/report.h"
#include "tests/runner/daemon/installation_workshop.h"
#include "tests/support/fake_restic.h"

namespace runner::testing {

/// The two configurations between which a reload changes.
std::vector<std::shared_ptr<const targets::Config>> Households();

/// "photos backup", "repository prune".
std::string NameOf(const JobKey& key);

/// One installation on one machine for a long time: the real daemon with its real jobs, files in
/// memory and a played restic. Seasons of trouble change with calm days, after which all must be
/// well again. What must hold is checked after everything that happens.
class InstallationWorld {
 public:
  explicit InstallationWorld(unsigned seed);
  ~InstallationWorld();

  /// Returns the first violation with the last events, or "".
  std::string Live(targets::Duration time);

  struct Counts {
    int backups = 0, successes = 0, forgotten = 0, crashes = 0, stops = 0, reloads = 0, calms = 0;
    int ends = 0, retries = 0, troubles = 0, green = 0, red = 0, runs_beside = 0, unlocks = 0,
        inits = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  enum class Whose { kDaemon, kPerson };
  class Ear;              // hears what the program says
  class WatchedWorkshop;  // tells the world how jobs begin and end
  using Time = targets::UnixTime;
  using Id = targets::TargetId;

  /// What the world knows about a snapshot of one of our targets.
  struct Made {
    Id target;
    int life = 0;
    bool whole = true;
    bool stream = false;
    bool listed = false;  // by an answer that nothing disturbed
    MonotonicTime at{};   // seen first
    bool proven = false;  // likewise listed, while its run was at work
  };
  /// What the world knows about one stage of a target or of the repository.
  struct StageTruth {
    std::string marker;               // its text, seen last
    std::string before;               // and before that
    bool shaky = false;               // it was written to a bad disk
    std::optional<JobOutcome> ended;  // the newest run, if nothing kept its word back
    bool cut_off = false;             // a run was killed, and none has ended since
    int at_work = 0;
    MonotonicTime began{};  // the run at work, or else the newest
    int commands = 0;       // of restic that had done this stage's work when it began
  };
  /// What the world knows about a job of the daemon.
  struct Duty {
    std::optional<Time> occurrence;  // the newest that was begun
    MonotonicTime begun{};           // the newest run
    bool first = true;               // which was not another try
    bool at_work = false;
    std::optional<MonotonicTime> must_begin{};  // since when it has been waiting for another try
  };
  /// What the world knows about a target.
  struct Truth {
    std::string good;                   // the newest snapshot that a SUCCESS named
    std::optional<Time> saved_at;       // in true time: the newest proven snapshot
    std::optional<Time> configured_at;  // likewise: in the configuration since
    bool failed = false;                // the newest attempt did not succeed
    bool marked_by_hand = false;
    int at_work = 0;  // runs of ours
  };
  struct SeenListing {
    Time at{};
    std::vector<FakeRestic::Stored> snapshots;
  };

  // One life of the program after the other (installation_world.cc).
  void LiveOnce();
  void RunDaemon(std::unique_ptr<FileLock> lock);
  void PlayUntilNobodyActs();
  void Boot(bool new_machine);
  void Crash();
  void AfterEverything();
  Installation Install(Whose whose = Whose::kDaemon);
  SimulatedMachine Machine();
  [[nodiscard]] const targets::Config& config() const { return *households_[household_]; }
  [[nodiscard]] Time TrueTime() const;
  [[nodiscard]] bool ClockIsRight() const;
  void Plan(targets::Duration from_now, std::function<void()> what);
  void Say(const std::string& what);
  void Violation(const std::string& text);
  double Share();
  int Below(int limit);
  targets::Duration Between(targets::Duration low, targets::Duration high);

  // What goes wrong (installation_troubles.cc, installation_outages.cc).
  void Trouble();
  void PlanTrouble();
  void BeCalm();
  void LookAfterCalm();
  void SourceTrouble();
  void DiskTrouble();
  void ClockTrouble();
  void RepositoryTrouble();
  void RepositoryReturns();
  void LockTrouble();
  void CommandTrouble();
  void CrashTrouble();
  void StopTrouble();
  void ReloadTrouble();
  void RunBeside();
  void PersonForgets();
  void HandTrouble();
  void ForeignersWork();
  void PersonRemoves();
  void SetSource(const Id& id, const std::string& state);
  void FillDisk(bool full);
  void SetClock(Time to);
  void SetClockFor(targets::Duration by, targets::Duration lasts);
  void RemoveFuture();
  std::optional<Script> Disturb(const std::string& command, const ProcessSpec& spec);
  void ChildrenDie(bool power_cut);
  void RefreshLocks();

  // What must hold (installation_stages.cc).
  void NoteBegin(const JobKey& stage);
  void NoteDone(const JobReport& report);
  void NoteCutOff();
  void CheckStages();
  void CheckStage(const JobKey& stage);
  void CheckChange(const JobKey& stage, const std::string& text);
  void CheckStageSuccess(const JobKey& stage);
  void CheckForgotten(const targets::Target& target);
  void CheckSourceWasThere(const targets::Target& target);
  void CheckAfterCrash();
  [[nodiscard]] bool BadDisk() const;
  [[nodiscard]] std::string WhyRed(const std::string& subject);
  void CheckColour(const SubjectHealth& subject);

  // What must begin, and what must not (installation_duties.cc).
  void NoteStart(const std::string& subject, const std::string& stage, const std::string& message);
  void NoteDuty(const JobKey& key, JobEnd end);
  void NoteCutOffDuties();
  void CheckDuties();
  void CheckNotLost(const JobSpec& spec);

  // What must hold (installation_checks.cc, installation_commands.cc).
  void WatchCommand(const std::string& command, const ProcessSpec& spec);
  void CheckAlone(const std::string& command);
  void CheckForget(const ProcessSpec& spec);
  void CheckTag(const ProcessSpec& spec);
  void CheckBackup(const ProcessSpec& spec);
  void CheckUnlock();
  void CheckSuspended(const targets::Target& target);
  bool MayForget(const targets::Target& target, const std::string& id) const;
  void NoteListing();
  void NoteSnapshots();
  void NoteEnd(const JobReport& report);
  void CheckMarkers();
  void CheckSuccess(const targets::Target& target, const std::string& snapshot);
  void CheckNothingLost();
  void CheckHealth();
  void CheckHealthOf(const targets::Target& target, bool green);
  [[nodiscard]] bool Holds(const std::string& snapshot) const;
  [[nodiscard]] const FakeRestic::Stored* Find(const std::string& snapshot) const;
  [[nodiscard]] const targets::Target* AnyTarget(const Id& id) const;

  std::vector<std::shared_ptr<const targets::Config>> households_ = Households();
  std::size_t household_ = 0;
  std::mt19937_64 random_;
  FakeClock clock_;
  Time born_ = clock_.Now();
  MonotonicTime born_mono_ = clock_.Monotonic();
  MonotonicTime end_{};
  MemoryFileSystem files_;
  Theatre theatre_{clock_};
  std::unique_ptr<FakeProcessRunner> processes_ = std::make_unique<FakeProcessRunner>(clock_);
  FakeRestic restic_{*processes_, clock_};
  targets::Redactor redactor_;
  StateFolder state_{files_, "/state"};
  MarkerStore markers_{files_, redactor_, state_};
  FactStore facts_{files_, state_};
  std::unique_ptr<Ear> ear_;

  // Of the present life.
  int life_ = 0;
  int boots_ = 0;
  bool lives_ = false;
  std::unique_ptr<StopHandle> stop_;
  TheatreMailbox* mailbox_ = nullptr;
  bool crash_now_ = false;
  bool power_cut_ = true;
  std::set<pid_t> pids_;

  // Of the trouble.
  bool calm_ = false;
  std::optional<MonotonicTime> outage_until_;
  /// Commands that fail next, how, and until when once more.
  std::map<std::string, std::pair<int, MonotonicTime>> disturbed_;
  std::set<std::string> foreign_locks_;  // of living foreign processes
  /// Ours, while it is gone or another is in its place: id and snapshots.
  std::optional<std::pair<std::string, std::vector<FakeRestic::Stored>>> elsewhere_;
  MonotonicTime clock_wrong_until_{};
  // While one of these is so, a marker may be lost.
  bool disk_is_full_ = false;
  std::optional<int> fail_step_;  // of the file system, yet to come
  MonotonicTime io_trouble_until_{};
  bool disk_was_bad_ = false;  // and no calm day came since
  MonotonicTime calm_since_{};
  int made_by_foreigners_ = 0;
  bool person_comes_ = false;  // to run something beside the next backup
  bool refuted_ = false;       // a job has said that another repository is in the place of ours
  std::map<Id, std::pair<std::string, MonotonicTime>> sources_;  // their states, and since when

  // The truth.
  bool pinned_ = false;
  std::map<std::string, Made> made_;
  std::map<Id, Truth> truth_;
  std::map<JobKey, StageTruth> stages_;
  std::map<JobKey, Duty> duties_;
  std::vector<JobSpec> specs_;
  MonotonicTime alive_since_{};
  MonotonicTime reloaded_at_{};
  int answers_ = 0;  // of our repository, about its id
  bool after_crash_ = false;
  std::set<std::string> removed_by_hand_;
  std::deque<SeenListing> listings_;
  bool look_at_health_ = false;
  MonotonicTime health_looked_at_{};
  Time latest_{};  // that the clock ever showed

  int said_ = 0;
  int looked_at_ = 0;  // of what was said; while nobody says anything nothing changes
  std::deque<std::string> history_;
  std::string violation_;
  Counts counts_;
};

}  // namespace runner::testing
