#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "targets/restic/version.h"

namespace targets {

/// What not every supported release of restic can do.
enum class Feature {
  kRetryLock,  // --retry-lock
  kJsonInit,
  kJsonRestore,
  kFullSnapshotIdInSummary,
  kSubfolderRestore,  // restore ID:path
  kSkipIfUnchanged,
  kCleanTermination,       // SIGTERM removes the lock
  kExitCodeNoRepository,   // 10
  kExitCodeLocked,         // 11
  kExitCodeWrongPassword,  // 12
  kJsonExitError,          // last line of standard error says the code and the message
  kNoLockStall,            // no 45-second stall when a lock vanishes between listing and reading
  kNoScan,
  kReadConcurrency,
  kSafePolicy,         // forget refuses to empty a group and negative counts
  kReliableB2Deletes,  // deletes all versions of a name
  kUnlimitedKeep,      // --keep-* unlimited, and the oldest-snapshot rule
  kRestoreReportsMetadataErrors,
  kPruneDryRunNoLock,
  kNoLayoutProbe,  // an S3 repository is opened without asking for its layout first
};

/// One row of the table: since when, and what the runner does without it.
struct FeatureInfo {
  Feature feature;
  std::string_view name;  // stable, kebab-case
  ResticVersion first;
  std::string_view without;  // one sentence: what is done or lost with an older restic
};

std::span<const FeatureInfo> FeatureTable();
bool Has(const ResticVersion& version, Feature feature);

}  // namespace targets
