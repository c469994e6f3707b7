#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/state/marker_store.h"
#include "runner/state/state_folder.h"
#include "targets/base/redactor.h"
#include "targets/base/result.h"
#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

/// One line that restic said on standard error.
struct ErrorLine {
  targets::UnixTime time{};  // when its run ended
  targets::Stage stage = targets::Stage::kBackup;
  std::string text = {};

  bool operator==(const ErrorLine&) const = default;
};

/// What an ErrorLog knows.
struct KnownErrors {
  std::vector<ErrorLine> lines = {};  // oldest first
  std::string problem = {};           // the file is damaged or cannot be read; empty: it is fine

  bool operator==(const KnownErrors&) const = default;
};

/// What restic complained of in the last 24 hours, for each target and for the repository: a small
/// file beside the markers (docs/formats/state.md). For people: no decision depends on it, and a
/// damaged file stops nothing. Thread-safe; of two processes that write the repository's file at
/// the same instant one may be lost. `files` and `redactor` must outlive it.
class ErrorLog {
 public:
  static constexpr std::size_t kLinesPerRun = 20;
  static constexpr std::size_t kLinesPerFile = 200;
  static constexpr std::size_t kBytesPerLine = 200;
  static constexpr targets::Duration kKept{24 * 3600};

  ErrorLog(FileSystem& files, const targets::Redactor& redactor, StateFolder folder);

  /// The last kLinesPerRun of `said`, durably, without secrets; what is older than kKept, too much
  /// or damaged goes. Nothing said: nothing is touched.
  targets::Status Add(const MarkerKey& key, targets::UnixTime now,
                      std::span<const std::string> said);

  /// No id: the repository's. What is not of the last kKept before `now` is left out; a line from
  /// up to kKept ahead is of a clock that was set back, and counts.
  [[nodiscard]] KnownErrors Read(const targets::TargetId& target, targets::UnixTime now) const;

  [[nodiscard]] std::string FileOf(const targets::TargetId& target) const;

 private:
  FileSystem& files_;
  const targets::Redactor& redactor_;
  StateFolder folder_;
  std::mutex writing_;
};

}  // namespace runner
