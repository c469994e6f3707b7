#pragma once

#include <optional>
#include <set>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/health/source_looks.h"
#include "runner/status/input.h"
#include "targets/base/redactor.h"
#include "targets/base/result.h"
#include "targets/model/config.h"

namespace runner {

struct StatusQuery {
  /// These alone, without the repository's stages; empty: everything, disabled targets too.
  std::vector<targets::TargetId> only = {};
  /// When the configuration was written, for targets that no runner has met yet; nullopt: unknown.
  std::optional<targets::UnixTime> configured_at = {};
  /// As HealthQuery::silent.
  std::set<targets::TargetId> silent = {};
  SourceLooks::Nap nap = {};  // for tests
};

/// Reads the state folder and looks at the sources. Writes nothing (a damaged record stays where it
/// is), starts no process, uses no network. Text of markers and errors passes `redactor`. `config`
/// must outlive the answer. Errors: a schedule or zone that a checked configuration does not have.
targets::Result<StatusInput> CollectStatus(const targets::Config& config, const StatusQuery& query,
                                           FileSystem& files, const targets::Redactor& redactor,
                                           const Clock& clock);

}  // namespace runner
