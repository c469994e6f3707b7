#pragma once

#include <string>
#include <string_view>

#include "runner/base/file_system.h"
#include "targets/model/target.h"

namespace runner {

/// A source has exactly four states; only the last one is backed up (DirectorySource only).
enum class SourceState {
  kMissing,     // absent, not a directory, a required mount or the sentinel is not there
  kUnreadable,  // there, but it cannot be listed
  kEmpty,       // nothing but `lost+found` and our own staging folder
  kHasData,
};

/// "missing", "unreadable", "empty", "has_data".
std::string_view SourceStateName(SourceState state);

struct SourceReport {
  SourceState state = SourceState::kMissing;
  std::string detail;  // one sentence why, for people; empty for kHasData
  std::string path;    // what to back up: the source itself, or what it links to if it is a symbolic link

  bool operator==(const SourceReport&) const = default;
};

/// The prefix of the folders in which a restore prepares its files inside the source.
inline constexpr std::string_view kStagingPrefix = ".runner-restore-";

/// Looks at a source, never into its files. May block as long as the file system does (a dead NFS mount):
/// callers that must not hang run it in a child (see inspect_source.h).
SourceReport InspectSource(FileSystem& files, const targets::DirectorySource& source, const targets::Guards& guards);

}  // namespace runner
