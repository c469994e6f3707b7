#include "targets/restic/capabilities.h"

#include <array>

namespace targets {
namespace {

constexpr ResticVersion V(int minor, int patch) { return {0, minor, patch}; }

/// First release whose source has it, read from the tagged sources. In the order of the
/// enumeration.
constexpr std::array kTable = {
    FeatureInfo{
        Feature::kRetryLock, "retry-lock", V(16, 0),
        "A foreign lock fails the command at once; the runner starts forget, prune and check "
        "again every ten seconds, and a backup once the lock is gone."},
    FeatureInfo{Feature::kJsonInit, "json-init", V(15, 0),
                "The id of a new repository is read back with `cat config`."},
    FeatureInfo{Feature::kJsonRestore, "json-restore", V(16, 0),
                "A restore shows no progress; its result is judged by the exit code and a look at "
                "the files."},
    FeatureInfo{Feature::kFullSnapshotIdInSummary, "full-snapshot-id", V(15, 0),
                "A backup reports 8 digits; the full id is looked up in the listing afterwards."},
    FeatureInfo{Feature::kSubfolderRestore, "subfolder-restore", V(16, 0),
                "Nothing: every release restores the whole absolute path into a staging folder."},
    FeatureInfo{Feature::kSkipIfUnchanged, "skip-if-unchanged", V(17, 0),
                "An unchanged source still makes a new snapshot."},
    FeatureInfo{Feature::kCleanTermination, "clean-termination", V(17, 0),
                "SIGTERM leaves a lock behind; restic is always stopped with SIGINT first."},
    FeatureInfo{Feature::kExitCodeNoRepository, "exit-code-no-repository", V(17, 0),
                "A missing repository is recognised by the whole message of each storage kind."},
    FeatureInfo{Feature::kExitCodeLocked, "exit-code-locked", V(17, 0),
                "A lock is recognised by its message."},
    FeatureInfo{Feature::kExitCodeWrongPassword, "exit-code-wrong-password", V(17, 1),
                "A wrong password is recognised by its message."},
    FeatureInfo{Feature::kJsonExitError, "json-exit-error", V(18, 0),
                "The reason of a failure is picked from the lines of standard error."},
    FeatureInfo{Feature::kNoLockStall, "no-lock-stall", V(17, 0),
                "A lock that vanishes while restic reads it stalls the start for 45 seconds; the "
                "runner sees the "
                "message and starts the command again."},
    FeatureInfo{Feature::kNoScan, "no-scan", V(15, 0),
                "A backup always counts its files first, for the progress display."},
    FeatureInfo{Feature::kReadConcurrency, "read-concurrency", V(15, 0),
                "Two files are read at a time, whatever the environment says."},
    FeatureInfo{Feature::kSafePolicy, "safe-policy", V(17, 0),
                "restic would empty a group on a negative count; the runner decides itself and "
                "forgets by id."},
    FeatureInfo{
        Feature::kReliableB2Deletes, "reliable-b2-deletes", V(15, 0),
        "A file that was uploaded twice to native B2 comes back after its removal; every forget is "
        "checked afterwards."},
    FeatureInfo{
        Feature::kUnlimitedKeep, "unlimited-keep", V(16, 0),
        "The runner's own retention keeps an unlimited number; restic's policy is not used."},
    FeatureInfo{Feature::kRestoreReportsMetadataErrors, "restore-metadata-errors", V(17, 1),
                "Owners, modes and times that could not be restored go unreported; the runner "
                "compares them."},
    FeatureInfo{Feature::kPruneDryRunNoLock, "prune-dry-run-no-lock", V(17, 3),
                "A trial prune needs the exclusive lock."},
    FeatureInfo{Feature::kNoLayoutProbe, "no-layout-probe", V(18, 0),
                "`-o s3.layout=default` is given for Backblaze's S3 endpoint, which saves two "
                "billed calls a command."},
};

}  // namespace

std::span<const FeatureInfo> FeatureTable() { return kTable; }

bool Has(const ResticVersion& version, Feature feature) {
  for (const FeatureInfo& info : kTable) {
    if (info.feature == feature) return version >= info.first;
  }
  return false;
}

}  // namespace targets
