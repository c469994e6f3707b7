#pragma once

#include <cstddef>

#include "runner/history/run_record.h"
#include "targets/base/redactor.h"

namespace runner {

inline constexpr std::size_t kMostWarnings = 20;
inline constexpr std::size_t kMostTailLines = 64;
inline constexpr std::size_t kMostTailBytes = 16 * 1024;
inline constexpr std::size_t kLongestHistoryLine = 500;

/// The run as it may be stored: without secrets, every text one line of valid UTF-8, the first
/// kMostWarnings warnings (the last of them counts the rest), the end of the tail.
RunRecord CleanRecord(RunRecord run, const targets::Redactor& redactor);

}  // namespace runner
