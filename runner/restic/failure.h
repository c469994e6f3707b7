#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/process/process_runner.h"
#include "targets/base/time.h"
#include "targets/restic/version.h"

namespace runner {

/// What went wrong with a restic command, as far as its exit code, its standard error and the
/// watcher tell.
enum class Cause {
  kNone,
  kWrongPassword,
  kNoRepository,
  kLocked,
  kKeyRefused,   // the storage provider refused the credentials or lacks a capability
  kCapExceeded,  // a B2 cap: storage, download or transactions
  kBucketAbsent,
  kNetwork,
  kDiskFull,
  kPermission,
  kDamaged,     // the repository's content is inconsistent
  kIncomplete,  // a snapshot exists, some files could not be read
  kSourceMissing,
  kSourceInTheWay,  // something in the source that a restore must not replace
  kInterrupted,
  kStalled,
  kRunaway,  // it sent the same data again and again
  kDeadline,
  kOutOfMemory,  // killed by SIGKILL that was not ours, or the kernel says so
  kProgramMissing,
  kQuarantined,  // the snapshot is there, but a guard of its target found it suspicious
  kUsage,        // an option that this restic does not know
  kUnknown,
};

/// Stable name for markers, JSON and metrics: "wrong_password", "no_repository", ...
std::string_view CauseName(Cause cause);

/// A lock that stood in the way, as restic prints it.
struct LockHolder {
  std::string host;
  std::string user;
  long pid = 0;
  bool exclusive = false;
  std::string created;  // as printed, "2026-11-23 03:27:01 (4.59s ago)"

  bool operator==(const LockHolder&) const = default;
};

struct Failure {
  Cause cause = Cause::kUnknown;
  std::string reason;  // one line, at most 500 bytes; not yet redacted
  std::string hint;    // what a person can do; may be empty
  std::optional<LockHolder> lock;

  bool operator==(const Failure&) const = default;
};

/// Classifies the end of a restic command. `nullopt`: exit code 0 and not stopped by us.
/// An unknown exit code is a failure (kUnknown), exit 3 of a backup is kIncomplete.
/// Order of evidence: the watcher's verdict, exit codes 10, 11, 12, 130 where this version has
/// them, whole messages. Bare numbers are never matched: a file called "403.txt" in an error says
/// nothing.
std::optional<Failure> Classify(const ProcessResult& result, const targets::ResticVersion& version);

/// For a command that ended with 0 but complained on standard error where every word means that it
/// failed.
Failure ComplaintFailure(const ProcessResult& result, const targets::ResticVersion& version);

}  // namespace runner
