#pragma once

#include <string>
#include <string_view>

#include "runner/base/file_system.h"
#include "targets/model/source_state.h"
#include "targets/model/target.h"

namespace runner {

struct SourceReport {
  targets::SourceState state = targets::SourceState::kMissing;
  std::string detail;  // one sentence why, for people; empty for kHasData
  std::string
      path;  // what to back up: the source itself, or what it links to if it is a symbolic link

  bool operator==(const SourceReport&) const = default;
};

/// Looks at a source, never into its files. May block as long as the file system does (a dead NFS
/// mount): callers that must not hang run it in a child (inspect_source.h) or in a thread
/// (runner/health/source_looks.h).
SourceReport InspectSource(FileSystem& files, const targets::DirectorySource& source,
                           const targets::Guards& guards);

}  // namespace runner
