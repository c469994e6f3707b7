#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/b2/watch.h"
#include "runner/base/file_system.h"
#include "runner/base/mount_points.h"
#include "runner/jobs/source_state.h"
#include "runner/state/facts.h"
#include "targets/base/result.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/config/diagnostic.h"
#include "targets/model/config.h"
#include "targets/restic/version.h"

namespace runner {

/// A folder that the program writes, or the place where it would be made.
struct FolderLook {
  std::string path;     // as configured
  std::string nearest;  // it, or the nearest folder above that exists, without links
  std::optional<FileInfo> info = {};
  bool writable = false;  // `nearest`, by this process
  std::optional<SpaceInfo> space = {};
  std::optional<Mount> mount = {};  // nullopt: cannot be told
  std::string error = {};           // why it could not be looked at
};

/// The source of one enabled target, as its jobs see it.
struct SourceCheck {
  targets::TargetId id;
  SourceReport report;
  bool writable = false;  // by this process, which restores
  std::optional<SpaceInfo> space = {};
  bool restore_if_empty = false;
  bool allow_empty = false;
  std::optional<targets::Bytes> newest_bytes = {};  // of the newest good snapshot
};

/// One secret, never its value.
struct SecretLook {
  std::string key;         // "repository.password"
  std::string where = {};  // "file /run/secrets/x"
  std::string file = {};   // if it is one
  bool read_by_others = false;
  std::string error = {};  // why it cannot be had
};

/// A program that the configuration names.
struct ProgramLook {
  enum class State { kFound, kMissing, kNotExecutable };
  std::string key;  // "targets.photos.hooks.before"
  std::string name;
  State state = State::kMissing;
};

/// Something of the past that was written down with its time.
struct KnownTime {
  std::string what;
  targets::UnixTime time{};
};

/// What the provider of the storage says about itself.
struct StorageLook {
  bool key_known = true;  // false: nobody was asked
  B2Look b2 = {};
};

/// Everything that the findings follow from.
struct DoctorInput {
  const targets::Config* config = nullptr;  // never null, outlives this
  std::vector<targets::Diagnostic> warnings = {};
  targets::UnixTime now{};
  std::string timezone_error = {};
  std::optional<KnownTime> newest_known = {};
  std::uint32_t user = 0;     // who this process is
  bool in_container = false;  // its root goes away with it
  FolderLook state = {};
  FolderLook cache = {};
  std::optional<FolderLook> temp = {};
  std::vector<std::string> damages = {};  // files of the state folder that cannot be read
  std::vector<SourceCheck> sources = {};
  std::vector<SecretLook> secrets = {};
  std::string restic_program = {};
  targets::Result<targets::ResticVersion> restic = targets::ResticVersion{};
  std::vector<ProgramLook> programs = {};
  std::string machine_key = {};             // how it stands with the runner's own key
  std::optional<StorageLook> storage = {};  // nullopt: there is nobody to ask, or not wanted
  bool daemon_runs = false;
  std::optional<DaemonFacts> daemon = {};
  std::vector<targets::TargetId> at_work = {};
};

}  // namespace runner
