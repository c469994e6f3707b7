#pragma once

#include <span>
#include <string>
#include <vector>

namespace runner {

/// The SQL statements that lead from one schema version of the history to the next.
using Migration = std::vector<std::string>;

/// The first makes version 1 of an empty file (docs/formats/history.md). One that was released is
/// never changed: what comes later is appended.
std::span<const Migration> HistoryMigrations();

}  // namespace runner
