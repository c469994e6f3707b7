#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/schedule/job.h"
#include "runner/state/state_folder.h"
#include "targets/base/result.h"

namespace runner {

/// The records of one file's jobs, by stage.
using StageRecords = std::map<targets::Stage, JobRecord>;

/// The text of a record file (docs/formats/schedule.md).
std::string FormatRecords(const StageRecords& records);

struct ParsedRecords {
  StageRecords records;              // of the lines that could be understood
  std::vector<std::string> damages;  // one sentence for each that could not; a later line of a
                                     // stage is one too
};
/// Never fails. Unknown words and stages of a later version are ignored without complaint.
ParsedRecords ParseRecords(std::string_view text);

struct LoadedRecords {
  std::map<JobKey, JobRecord> records;
  std::vector<std::string> warnings;  // what was damaged or unreadable, and what was done about it
};

/// Keeps the scheduler's records in the state folder: one small text file per target and one for
/// the repository, each replaced durably as a whole. Not thread-safe; the daemon alone writes.
/// REQUIRES: StateFolder::Prepare() was successful. `files` must outlive it.
class RecordStore {
 public:
  RecordStore(FileSystem& files, StateFolder folder) : files_(files), folder_(std::move(folder)) {}

  /// The records of these targets and of the repository; none for what was never stored. A damaged
  /// file is set aside as `schedule.damaged`, and what can be understood of it is used and kept: a
  /// job without a record is only one that has missed nothing.
  [[nodiscard]] LoadedRecords Load(const std::set<targets::TargetId>& targets);

  /// After success they survive a power cut. One write per file whose records changed; on an error
  /// the files before it (the repository's first, then by target) are written.
  [[nodiscard]] targets::Status Store(const std::map<JobKey, JobRecord>& records);

  /// `<state>/targets/<id>/schedule`, or `<state>/repository/schedule` for the empty id.
  [[nodiscard]] std::string FileOf(const targets::TargetId& target) const;

 private:
  StageRecords LoadFile(const targets::TargetId& target, std::vector<std::string>& warnings);
  void SetAside(const std::string& path, const StageRecords& good,
                std::vector<std::string>& warnings);
  [[nodiscard]] targets::Status StoreFile(const targets::TargetId& target, StageRecords records);

  FileSystem& files_;
  StateFolder folder_;
  std::map<targets::TargetId, StageRecords> stored_;  // what the files hold
};

}  // namespace runner
