#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/base/result.h"
#include "targets/model/snapshot.h"
#include "targets/model/snapshot_tree.h"

namespace runner {

/// The last line of `backup --json`. Absent numbers are 0.
struct BackupSummary {
  std::uint64_t files_new = 0;
  std::uint64_t files_changed = 0;
  std::uint64_t files_unmodified = 0;
  std::uint64_t dirs_new = 0;
  std::uint64_t dirs_changed = 0;
  std::uint64_t dirs_unmodified = 0;
  std::uint64_t data_added = 0;  // bytes, before compression
  std::uint64_t total_files = 0;
  std::uint64_t total_bytes = 0;
  double seconds = 0;
  std::string snapshot_id = {};  // 8 digits before 0.15, 64 after, empty if none was made

  bool operator==(const BackupSummary&) const = default;
};

struct BackupStatus {
  double fraction = 0;
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
  std::uint64_t errors = 0;
  long long seconds_remaining = -1;

  bool operator==(const BackupStatus&) const = default;
};

/// A file that restic could not read.
struct Unreadable {
  std::string path;
  std::string reason;  // may be empty: restic before 0.17.1 leaves it out for some

  bool operator==(const Unreadable&) const = default;
};

/// Collects what matters from the lines of `backup --json`, from both streams. Unknown lines and
/// fields are ignored.
class BackupOutput {
 public:
  static constexpr std::size_t kMaxUnreadable = 100;

  /// Returns true if the line was a new progress status.
  bool OnStdoutLine(std::string_view line);
  void OnStderrLine(std::string_view line);

  [[nodiscard]] const BackupStatus& status() const { return status_; }
  /// It has its lock and the index, and has seen a file.
  [[nodiscard]] bool HasBegun() const {
    return has_summary_ || status_.files_total + status_.files_done + status_.bytes_done > 0;
  }
  [[nodiscard]] const BackupSummary& summary() const { return summary_; }
  [[nodiscard]] bool has_summary() const { return has_summary_; }
  /// At most kMaxUnreadable of them; `unreadable_count` counts all.
  [[nodiscard]] const std::vector<Unreadable>& unreadable() const { return unreadable_; }
  [[nodiscard]] std::size_t unreadable_count() const { return unreadable_count_; }

 private:
  BackupStatus status_;
  BackupSummary summary_;
  bool has_summary_ = false;
  std::vector<Unreadable> unreadable_;
  std::size_t unreadable_count_ = 0;
};

/// A line of `restore --json`; nullopt: it is no progress.
std::optional<BackupStatus> ParseRestoreStatus(std::string_view line);

/// A line of `ls --json`; nullopt: it is no entry (the first line is the snapshot). An entry that
/// lacks its path or type is an error.
targets::Result<std::optional<targets::TreeNode>> ParseTreeNode(std::string_view line);

/// Reads the array of `snapshots --json`. An entry without id or time is an error: a wrong list is
/// worse than none.
targets::Result<std::vector<targets::Snapshot>> ParseSnapshots(std::string_view json);

/// How many files differ between two snapshots, by their content.
struct SnapshotDiff {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;

  bool operator==(const SnapshotDiff&) const = default;
};
/// Reads the total of `stats --json`, in bytes.
targets::Result<targets::Bytes> ParseStats(std::string_view output);
/// Reads the statistics, the last line of `diff --json`; what stands before it is ignored.
targets::Result<SnapshotDiff> ParseDiff(std::string_view output);

/// The repository's id from `cat config`.
targets::Result<std::string> ParseRepositoryId(std::string_view json);

/// One entry of `cat lock`.
struct LockInfo {
  targets::UnixTime time{};
  bool exclusive = false;
  std::string hostname;
  std::string username;
  long pid = 0;

  bool operator==(const LockInfo&) const = default;
};
targets::Result<LockInfo> ParseLock(std::string_view json);

/// One entry of `key list --json`.
struct KeyInfo {
  std::string id;  // 8 digits before 0.17, 64 after
  std::string user;
  std::string host;
  std::string created;   // as printed, in the zone of TZ: "2026-11-24 03:29:10"
  bool current = false;  // the repository was opened with it

  bool operator==(const KeyInfo&) const = default;
};
/// An entry without an id is an error, and so is a list in which none is the current one.
targets::Result<std::vector<KeyInfo>> ParseKeys(std::string_view json);

/// The ids that `list locks` prints, one a line; anything that is not 64 hexadecimal digits is an
/// error.
targets::Result<std::vector<std::string>> ParseIdLines(std::string_view text);

}  // namespace runner
