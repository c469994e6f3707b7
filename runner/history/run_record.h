#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/size.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

/// What a run moved and cost, as far as it is known: only a backup counts files.
struct RunFigures {
  std::optional<std::uint64_t> files_new = {};
  std::optional<std::uint64_t> files_changed = {};
  std::optional<std::uint64_t> files_unmodified = {};
  std::optional<std::uint64_t> files_total = {};
  std::optional<targets::Bytes> bytes_total = {};
  std::optional<targets::Bytes> bytes_added = {};  // new data in the repository, not compressed
  std::optional<std::chrono::milliseconds> cpu = {};
  std::optional<targets::Bytes> peak_memory = {};  // of the largest process
  std::optional<std::uint64_t> processes = {};     // restic's, and commands whose output is stored

  bool operator==(const RunFigures&) const = default;
};

/// One run of one stage, from its start to its end: a line of the history.
struct RunRecord {
  std::int64_t id = 0;            // given by the store, never twice
  targets::TargetId target = {};  // empty: a stage of the repository
  targets::Stage stage = targets::Stage::kBackup;
  std::optional<targets::UnixTime> due = {};  // nullopt: nobody planned it
  targets::UnixTime started{};
  std::optional<targets::UnixTime> ended = {};  // nullopt: it was cut off, nobody saw when
  std::optional<std::chrono::milliseconds> took = {};
  std::string outcome = {};  // JobOutcomeName()
  std::string cause = {};    // CauseName(); empty: nothing was wrong
  std::string reason = {};
  std::string hint = {};
  targets::SnapshotId snapshot = {};
  RunFigures figures = {};
  std::vector<std::string> warnings = {};
  std::vector<std::string> tail = {};  // the last lines that its programs printed

  bool operator==(const RunRecord&) const = default;
};

/// What a strip of days needs of a run.
struct RunOutline {
  std::int64_t id = 0;
  targets::TargetId target = {};
  targets::UnixTime started{};
  std::string outcome = {};
  std::optional<targets::Bytes> bytes_total = {};

  bool operator==(const RunOutline&) const = default;
};

}  // namespace runner
