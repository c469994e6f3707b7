#pragma once

#include <optional>

#include "runner/jobs/report.h"
#include "runner/restic/failure.h"
#include "runner/state/facts.h"
#include "targets/base/strong_id.h"

namespace runner {

/// Why a source that has data is neither backed up nor taken for restored: a restore into it began
/// when it was empty and never succeeded, so what is there now is not what its snapshots hold.
/// nullopt: nothing is owed.
std::optional<Failure> RestoreOwed(const targets::TargetId& target, const TargetFacts& facts);

}  // namespace runner
