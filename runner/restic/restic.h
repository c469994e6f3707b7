#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "runner/process/process_runner.h"
#include "runner/restic/failure.h"
#include "runner/restic/json.h"
#include "runner/restic/key_choice.h"
#include "targets/base/redactor.h"
#include "targets/base/secret.h"
#include "targets/model/config.h"
#include "targets/model/snapshot.h"
#include "targets/restic/command_lines.h"

namespace runner {

/// The secrets of the repository after files were read and commands were run.
struct ResolvedSecrets {
  targets::Secret password;
  std::optional<targets::Secret> b2_account_id;
  std::optional<targets::Secret> b2_account_key;

  bool operator==(const ResolvedSecrets&) const = default;
};

template <typename T>
using Outcome = tl::expected<T, Failure>;

/// What `cat config` says about the repository.
struct RepositoryFound {
  std::string id;  // 64 hexadecimal digits
};
struct RepositoryMissing {};  // restic itself says that there is none
struct RepositoryUnknown {    // anything else: never a reason to init
  Failure failure;
};
using RepositoryState = std::variant<RepositoryFound, RepositoryMissing, RepositoryUnknown>;

struct BackupOutcome {
  enum class Kind { kComplete, kIncomplete, kFailed };
  Kind kind = Kind::kFailed;
  std::optional<Failure> failure;  // set for kIncomplete and kFailed
  BackupSummary summary;           // of the snapshot, if one was made
  std::vector<Unreadable> unreadable;
  std::size_t unreadable_count = 0;
  std::string stderr_tail;
  ResourceUse resources;
};

/// Lets another thread stop the commands that run for it. Thread-safe; one handle may serve many
/// commands, one after the other or side by side.
class StopHandle {
 public:
  /// Stops what runs now and everything later that is given this handle.
  void Stop(StopCause cause = StopCause::kRequested);
  [[nodiscard]] bool Stopped() const;

  /// For the code that launches (see AttachedProcess): `process` may be stopped through this handle
  /// until Detach().
  void Attach(Process* process);
  void Detach(Process* process);

 private:
  mutable std::mutex mutex_;
  std::vector<Process*> processes_;
  std::optional<StopCause> stopped_;
};

/// Attaches for its own lifetime.
class AttachedProcess {
 public:
  AttachedProcess(StopHandle& stop, Process& process) : stop_(stop), process_(process) {
    stop_.Attach(&process_);
  }
  ~AttachedProcess() { stop_.Detach(&process_); }
  AttachedProcess(const AttachedProcess&) = delete;
  AttachedProcess& operator=(const AttachedProcess&) = delete;

 private:
  StopHandle& stop_;
  Process& process_;
};

/// The limits of a target as its children get them. A stall timeout of zero: none.
WatchPolicy TargetWatch(const targets::TargetLimits& limits);

using StatusHandler = std::function<void(const BackupStatus&)>;

/// Drives the restic program against the configured repository: launches, reads, classifies. Keeps
/// no state of its own. Every child gets the repository's url, secrets, RESTIC_CACHE_DIR and TZ by
/// environment. With a machine key (`keys`) they get that instead of the user's password; one that
/// its repository does not take is put out of use, and the same command runs again with the
/// password. Thread-safe. `config`, `processes`, `keys` must outlive it.
class Restic {
 public:
  Restic(const targets::Config& config, ResolvedSecrets secrets, targets::ResticVersion version,
         ProcessRunner& processes, std::string program = "restic", KeyChoice* keys = nullptr);

  /// `restic version` of `program`.
  static targets::Result<targets::ResticVersion> DetectVersion(ProcessRunner& processes,
                                                               const std::string& program);

  [[nodiscard]] const targets::CommandLines& commands() const { return commands_; }

  /// With the user's password, never the machine key: it is what people restore with, and has to be
  /// proven now and then.
  RepositoryState Probe(StopHandle& stop);
  /// The id of the new repository. REQUIRES: Probe() just said RepositoryMissing; the caller
  /// checked the pin.
  Outcome<std::string> Init(StopHandle& stop);

  BackupOutcome BackupDirectory(const targets::Target& target, const StatusHandler& on_status,
                                StopHandle& stop);
  /// The snapshot is made only after `producer` succeeded: until then restic's input stays open
  /// (docs/decisions). Restic 0.17 and later save a snapshot of an empty input nevertheless:
  /// `summary` of the failed outcome names it, and the caller removes it.
  BackupOutcome BackupStream(const targets::Target& target, ProcessSpec producer,
                             const StatusHandler& on_status, StopHandle& stop);

  /// All snapshots of this instance, or of one of its targets. Any word on standard error is a
  /// failure: restic prints
  /// `[]` with exit code 0 when a listing fails.
  Outcome<std::vector<targets::Snapshot>> Snapshots(std::optional<targets::TargetId> target,
                                                    StopHandle& stop);
  /// Those that a restore of the target may take: its own, and those that were adopted for it
  /// (targets/restore/adopt.h), whatever their host. One listing, trusted as above.
  Outcome<std::vector<targets::Snapshot>> RestorableSnapshots(const targets::TargetId& target,
                                                              StopHandle& stop);
  /// Those of this instance, for who must change nothing: neither lock nor cache is written.
  Outcome<std::vector<targets::Snapshot>> SnapshotsWithoutTrace(StopHandle& stop);
  Outcome<std::vector<targets::Snapshot>> AllSnapshots(StopHandle& stop);

  /// Every entry of a snapshot, parents before children.
  Outcome<targets::SnapshotTree> Tree(const targets::SnapshotId& id, StopHandle& stop);
  /// Runs with the runner's own rights, not as `run_as`: only root gives files back to their
  /// owners. Any file that could not be restored is a failure.
  Outcome<void> Restore(targets::RestoreRequest request, const StatusHandler& on_status,
                        StopHandle& stop);
  /// How much the repository holds, after compression and without duplicates.
  Outcome<targets::Bytes> StoredBytes(StopHandle& stop);
  /// What became of the files of `from` in `to`; both full ids.
  Outcome<SnapshotDiff> Diff(const targets::SnapshotId& from, const targets::SnapshotId& to,
                             StopHandle& stop);

  Outcome<void> Forget(std::span<const targets::SnapshotId> ids, StopHandle& stop);
  Outcome<void> AddTag(std::span<const targets::SnapshotId> ids, const std::string& tag,
                       StopHandle& stop);
  Outcome<void> RemoveTag(std::span<const targets::SnapshotId> ids, const std::string& tag,
                          StopHandle& stop);
  /// What restic says of the result: "total prune: 5 blobs / 294 KiB; remaining: ..."; empty if it
  /// says nothing.
  Outcome<std::string> Prune(const targets::PruneJob& job, StopHandle& stop);
  Outcome<void> Check(const targets::CheckJob& job, int part, StopHandle& stop);

  struct Lock {
    std::string id;
    LockInfo info;
  };
  Outcome<std::vector<std::string>> LockIds(StopHandle& stop);
  Outcome<std::vector<Lock>> Locks(StopHandle& stop);
  Outcome<void> Unlock(StopHandle& stop);

  /// The id of the only repository that commands can open now: that of the machine key in use.
  /// nullopt: the user's password opens whatever lies at the url.
  [[nodiscard]] std::optional<std::string> OpensOnly() const;

  /// All keys of the repository. Like the three that follow, never with the machine key.
  Outcome<std::vector<KeyInfo>> Keys(StopHandle& stop);
  /// What `cat masterkey` prints: the secret behind all keys.
  Outcome<targets::Secret> MasterKeyJson(StopHandle& stop);
  /// The user's key, `users`, is tried first: no other needs to be whole.
  Outcome<void> RemoveKey(const std::string& key_id, const std::string& users, StopHandle& stop);
  /// The id of the repository, read with `key` alone.
  Outcome<std::string> ProbeWith(const MachineKey& key, StopHandle& stop);

  /// argv and environment for a command typed by the user (`runner restic --`), to be executed in
  /// place of the runner. It gets the user's password, never the machine key.
  [[nodiscard]] ProcessSpec PassThrough(const targets::Argv& arguments) const;

  /// Environment of a restic child with the user's password; contains secrets.
  [[nodiscard]] std::map<std::string, std::string> Environment() const;

 private:
  [[nodiscard]] ProcessSpec Spec(targets::Argv argv) const;
  /// A command that only asks: it has a deadline.
  [[nodiscard]] ProcessSpec Question(targets::Argv argv) const;
  [[nodiscard]] ProcessSpec BackupSpec(const targets::Target& target, BackupOutput& output,
                                       const StatusHandler& on_status) const;
  ProcessResult Run(ProcessSpec spec, StopHandle& stop);
  ProcessResult RunAsUser(ProcessSpec spec, StopHandle& stop);
  [[nodiscard]] std::optional<MachineKey> CurrentKey() const;
  [[nodiscard]] bool KeyFailed(const ProcessResult& result) const;
  std::optional<ProcessResult> DoubtAbout(const MachineKey& key, const ProcessResult& proof);
  BackupOutcome StreamOnce(const targets::Target& target, ProcessSpec producer,
                           const StatusHandler& on_status, const MachineKey* key, StopHandle& stop);
  /// Run, and again while an old restic stalls on a lock that vanished.
  ProcessResult RunLocking(const ProcessSpec& spec, StopHandle& stop);
  /// Prune and check.
  ProcessResult RunMaintenance(targets::Argv argv, StopHandle& stop);
  [[nodiscard]] Outcome<ProcessResult> Checked(ProcessResult result) const;
  Outcome<void> Change(targets::Argv argv, std::string_view what, StopHandle& stop);
  Outcome<std::vector<targets::Snapshot>> List(targets::Argv argv, StopHandle& stop);
  Outcome<LockInfo> ReadLock(const std::string& id, StopHandle& stop);

  const targets::Config& config_;
  ResolvedSecrets secrets_;
  targets::CommandLines commands_;
  ProcessRunner& processes_;
  KeyChoice* keys_ = nullptr;
};

}  // namespace runner
