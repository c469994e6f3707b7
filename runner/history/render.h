#pragma once

#include <string>

#include "runner/history/history_store.h"
#include "targets/schedule/zone.h"

namespace runner {

/// A table for people: one run a line, the newest last, where the eye is; behind what is no plain
/// success stands why. Times in `zone`.
std::string RenderHistoryText(const HistoryPage& page, const targets::Zone& zone);

/// The same and more for programs (schemas/history.schema.json).
std::string RenderHistoryJson(const HistoryPage& page);

/// Everything that is known of one run, for people.
std::string RenderRunText(const RunRecord& run, const targets::Zone& zone);

}  // namespace runner
