#pragma once

#include <chrono>

#include "runner/base/file_system.h"
#include "runner/doctor/input.h"
#include "runner/process/process_runner.h"
#include "runner/restic/restic.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// The value of one secret; `key` is its place in the configuration, for the error. Spaces around
/// it are no part of it. `stop` ends its command.
targets::Result<targets::Secret> ResolveSecret(const targets::SecretSource& source,
                                               const std::string& key, FileSystem& files,
                                               ProcessRunner& processes, StopHandle& stop);

/// Reads the files and runs the commands from which the repository's secrets come. The error names
/// the key of the configuration and the file or command, never a value.
targets::Result<ResolvedSecrets> ResolveSecrets(const targets::Config& config, FileSystem& files,
                                                ProcessRunner& processes);

/// The token of the status page, likewise.
targets::Result<targets::Secret> ResolveToken(const targets::SecretSource& source,
                                              FileSystem& files, ProcessRunner& processes);

/// What can be had of them.
struct SecretsLook {
  std::vector<SecretLook> looks = {};
  ResolvedSecrets found = {};
};

/// Tries each of them by itself, once, and says for each whether it can be had.
SecretsLook LookAtSecrets(const targets::Config& config, FileSystem& files,
                          ProcessRunner& processes);

/// Every secret that is known without running a command or reading a file: for commands that must
/// not do either.
void AddInlineSecrets(const targets::Config& config, targets::Redactor& redactor);

/// All values of `secrets` and of the configuration itself.
void AddSecrets(const targets::Config& config, const ResolvedSecrets& secrets,
                targets::Redactor& redactor);

}  // namespace runner
