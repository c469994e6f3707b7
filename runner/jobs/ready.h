#pragma once

#include <optional>
#include <string>

#include "runner/base/file_system.h"
#include "runner/jobs/source_state.h"
#include "runner/state/state_folder.h"
#include "targets/model/target.h"

namespace runner {

/// What the restore stage found when it last ended well: data, or a source that may be empty (a new
/// target, `allow_empty`). Kept in the file `ready` of the target, for applications that wait.
enum class ReadyKind { kData, kEmpty };

/// Notes that the target's data is there; nullopt: that it is not.
targets::Status WriteReady(FileSystem& files, const StateFolder& state,
                           const targets::TargetId& target, std::optional<ReadyKind> kind);

targets::Result<std::optional<ReadyKind>> ReadReady(FileSystem& files, const StateFolder& state,
                                                    const targets::TargetId& target);

/// Why an application that needs the target's data must wait; empty: it may start. A file from
/// before a restart is not believed against what the source looks like now.
std::string WhyNotReady(const targets::Target& target, std::optional<ReadyKind> ready,
                        const SourceReport& source);

}  // namespace runner
