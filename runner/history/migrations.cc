#include "runner/history/migrations.h"

namespace runner {
namespace {

// AUTOINCREMENT: the id of a run that was removed is not given to another.
constexpr const char* kRuns = R"(
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target TEXT NOT NULL,
  stage TEXT NOT NULL,
  due INTEGER,
  started INTEGER NOT NULL,
  ended INTEGER,
  took_ms INTEGER,
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  reason TEXT NOT NULL,
  hint TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  files_new INTEGER,
  files_changed INTEGER,
  files_unmodified INTEGER,
  files_total INTEGER,
  bytes_total INTEGER,
  bytes_added INTEGER,
  cpu_ms INTEGER,
  peak_memory INTEGER,
  processes INTEGER,
  warnings TEXT NOT NULL,
  tail TEXT NOT NULL
))";

}  // namespace

std::span<const Migration> HistoryMigrations() {
  static const std::vector<Migration> migrations = {
      {kRuns, "CREATE INDEX run_started ON run (started)",
       "CREATE INDEX run_target ON run (target, stage)",
       "CREATE INDEX run_snapshot ON run (target, stage) WHERE snapshot <> ''",
       // Has all that the strip of the last days shows of a run.
       "CREATE INDEX run_stage ON run (stage, started, target, outcome, bytes_total)"},
  };
  return migrations;
}

}  // namespace runner
