#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "targets/base/strong_id.h"
#include "targets/model/config.h"
#include "targets/model/snapshot.h"
#include "targets/restic/version.h"

namespace targets {

/// The name of a folder of ours inside a source, in which a restore is prepared, starts with this;
/// never backed up.
inline constexpr std::string_view kStagingPrefix = ".runner-restore-";
/// The whole name. One restore at a time for one folder, whichever target it belongs to.
inline constexpr std::string_view kStagingName = ".runner-restore-data";
/// The folder of ours in the state folder into which drills restore.
inline constexpr std::string_view kDrillFolderName = ".runner-drill-data";

/// `path` as a pattern of restic that matches nothing else (and what is below it).
std::string EscapePattern(std::string_view path);

/// 64 lower-case hexadecimal digits: the only form in which an id of restic goes onto a command
/// line.
bool IsFullId(std::string_view text);

/// "us-west-004" of `s3:https://s3.us-west-004.backblazeb2.com/bucket/path`; empty for any other
/// storage.
std::string BackblazeRegion(std::string_view url);
/// At Backblaze B2, natively or by its S3 endpoint: each call of restic may be billed.
bool IsBackblaze(const std::string& url);

/// What is restored to where.
struct RestoreRequest {
  SnapshotId snapshot;
  std::string target;                // a folder of ours; the whole path of each file lands below it
  std::vector<std::string> include;  // restic patterns; empty: everything
  bool verify = false;               // restic reads every file again
  bool no_cache = false;             // leave no file in the cache

  bool operator==(const RestoreRequest&) const = default;
};

/// Builds restic's command lines. `plan` prints what `run` launches because both come from here.
/// Pure. No secret is ever part of an argument: url, passwords and keys go by environment
/// (runner/restic). No method can produce `forget` without full snapshot ids, `unlock
/// --remove-all`, `restore --delete`, `restore --target /` or `--unsafe-allow-remove-all`.
class CommandLines {
 public:
  /// `config` must outlive this object.
  CommandLines(const Config& config, ResticVersion version, std::string program = "restic");

  [[nodiscard]] const ResticVersion& version() const { return version_; }

  [[nodiscard]] Argv Version() const;
  /// One file's worth of proof that the repository opens with the password: `cat config --no-lock`.
  [[nodiscard]] Argv CatConfig() const;
  [[nodiscard]] Argv Init() const;
  /// A directory target: absolute path, `--host`, identity tag, excludes. A stream target: `--stdin
  /// --stdin-filename`.
  [[nodiscard]] Argv Backup(const Target& target) const;
  /// All snapshots of this instance (`--host`), or of one target (`--host` and `--tag`); always
  /// `--no-lock --json`.
  [[nodiscard]] Argv Snapshots(std::optional<TargetId> target) const;
  /// Those of one target, whoever made them (`--tag` alone): adopted ones bear another host.
  [[nodiscard]] Argv SnapshotsOfAnyHost(const TargetId& target) const;
  /// All of this instance, and restic leaves nothing on this machine either: no cache, so it reads
  /// each snapshot from the storage. The only command that does without the cache.
  [[nodiscard]] Argv SnapshotsWithoutTrace() const;
  /// Every snapshot of the repository, whoever made it.
  [[nodiscard]] Argv AllSnapshots() const;
  /// Every entry of a snapshot; `--no-lock --json`. REQUIRES: a full id; otherwise an empty argv.
  [[nodiscard]] Argv Ls(const SnapshotId& id) const;
  /// Without a lock: it works beside whatever blocks the repository, and a prune elsewhere can make
  /// it fail, but not make it wrong. REQUIRES: a full id, and a target inside a folder called
  /// kStagingName or kDrillFolderName, by a path without ".."; otherwise an empty argv.
  [[nodiscard]] Argv Restore(const RestoreRequest& request) const;
  /// REQUIRES: full ids; otherwise an empty argv.
  /// How much the packs hold.
  [[nodiscard]] Argv Stats() const;
  [[nodiscard]] Argv Diff(const SnapshotId& from, const SnapshotId& to) const;
  /// REQUIRES: at least one id, each full (IsFullId); otherwise an empty argv. The same holds for
  /// the tags. Several tags at once: separated by commas.
  [[nodiscard]] Argv Forget(std::span<const SnapshotId> ids) const;
  [[nodiscard]] Argv AddTag(std::span<const SnapshotId> ids, const std::string& tag) const;
  [[nodiscard]] Argv RemoveTag(std::span<const SnapshotId> ids, const std::string& tag) const;
  /// Also removes the caches of other repositories that nobody has used for 30 days.
  [[nodiscard]] Argv Prune(const PruneJob& job) const;
  /// `part` of `job.read_data_parts`, counted from 1; structure only if that is 0.
  [[nodiscard]] Argv Check(const CheckJob& job, int part) const;
  [[nodiscard]] Argv ListLocks() const;
  /// REQUIRES: a full id; otherwise an empty argv.
  [[nodiscard]] Argv CatLock(const std::string& lock_id) const;
  [[nodiscard]] Argv Unlock() const;
  /// The keys of the repository, as JSON. No lock.
  [[nodiscard]] Argv ListKeys() const;
  /// Prints the secret that every key of the repository seals. No lock.
  [[nodiscard]] Argv CatMasterKey() const;
  /// Opens the repository with the key `hint` first. REQUIRES: both are 8 hexadecimal digits or
  /// more, as `key list` prints them, and name different keys; otherwise an empty argv.
  [[nodiscard]] Argv RemoveKey(const std::string& key_id, const std::string& hint) const;
  /// What follows `runner restic --`, with the options that every call gets.
  [[nodiscard]] Argv PassThrough(const Argv& arguments) const;

 private:
  [[nodiscard]] Argv Base() const;  // program and the options of every call (limits, connections)
  [[nodiscard]] Argv LockingBase() const;  // and of those that may have to wait for a lock
  [[nodiscard]] Argv ChangeTag(const std::string& option, std::span<const SnapshotId> ids,
                               const std::string& tag) const;

  const Config& config_;
  ResticVersion version_;
  std::string program_;
};

}  // namespace targets
