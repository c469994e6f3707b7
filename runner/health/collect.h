#pragma once

#include <optional>
#include <set>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/health/input.h"
#include "runner/health/source_looks.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// What the caller wants to know.
struct HealthQuery {
  bool require_daemon = false;  // demand a running daemon even if none was ever started
  bool daemon_only = false;     // nothing but the daemon, which is then required
  std::optional<targets::TargetId> target = {};  // this one alone, without daemon and repository
  /// When the configuration was written, for targets that no runner has met yet; nullopt: unknown.
  std::optional<targets::UnixTime> configured_at = {};
  /// Their sources are taken as unreadable without another look, since they did not answer before.
  std::set<targets::TargetId> silent = {};
  SourceLooks::Nap nap = {};  // for tests
};

/// Reads what Evaluate() needs: the state folder, the sources, the disks. Writes nothing, starts no
/// process, uses no network. Never fails: what cannot be read is part of the input. Text of markers
/// and errors passes `redactor`. A source that does not answer in 2 seconds is reported as such;
/// the answer then says `a_look_hangs`, and `files` must live as long as the program.
HealthInput CollectHealth(const targets::Config& config, const HealthQuery& query,
                          FileSystem& files, const targets::Redactor& redactor, const Clock& clock);

}  // namespace runner
