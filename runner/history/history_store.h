#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/history/run_record.h"
#include "targets/base/result.h"

namespace runner {

struct HistoryQuery {
  std::optional<targets::TargetId> target = {};  // an empty one: the repository's runs
  std::optional<targets::Stage> stage = {};
  std::optional<targets::UnixTime> since = {};  // those that started then or later
  std::size_t limit = 50;                       // the newest so many

  bool operator==(const HistoryQuery&) const = default;
};

struct HistoryPage {
  std::vector<RunRecord> runs = {};  // oldest first
  std::size_t matching = 0;          // how many there are without the limit

  bool operator==(const HistoryPage&) const = default;
};

/// Of which runs the newest is wanted.
enum class NewestOf {
  kAll,
  kWithSnapshot,  // those that know one: what the last backup holds, though later ones failed
};

/// The runs of one stage, in short.
struct OutlineQuery {
  targets::Stage stage = targets::Stage::kBackup;
  targets::UnixTime since{};   // those that started then or later
  std::int64_t after = 0;      // and have a greater id
  std::size_t limit = 50'000;  // the first so many

  bool operator==(const OutlineQuery&) const = default;
};

struct OutlinePage {
  std::vector<RunOutline> runs = {};  // by their ids
  std::int64_t newest = 0;  // id of the newest run of all; less than `after`: it is another history

  bool operator==(const OutlinePage&) const = default;
};

/// What became of an Append.
struct Appended {
  std::int64_t id = 0;
  std::string warning = {};  // what a person should know although the run is in the history
};

/// Every run that ended. Nothing depends on it: no decision is made from it, and no job fails
/// because it cannot be written. Implementations are thread-safe.
class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  /// Its id is ignored; a new one is given.
  virtual targets::Result<Appended> Append(const RunRecord& run) = 0;
  virtual targets::Result<HistoryPage> Select(const HistoryQuery& query) = 0;
  /// The newest run of each stage of each target, by target and the name of the stage.
  virtual targets::Result<std::vector<RunRecord>> Newest(NewestOf which) = 0;
  /// Cheap for those who ask again and again for what came since.
  virtual targets::Result<OutlinePage> Outline(const OutlineQuery& query) = 0;
  /// nullopt: there is no such run, or not any more.
  virtual targets::Result<std::optional<RunRecord>> Find(std::int64_t id) = 0;
  /// Removes the runs that started before that; says how many.
  virtual targets::Result<std::size_t> Trim(targets::UnixTime before) = 0;
};

}  // namespace runner
