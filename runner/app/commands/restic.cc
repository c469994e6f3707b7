#include <fmt/format.h>
#include <grp.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"
#include "runner/process/exec_mode.h"

namespace runner {
namespace {

void SetEnvironment(const ProcessSpec& spec, const std::map<std::string, std::string>& inherited) {
  for (const auto& [name, value] : inherited) {
    if (MatchesAny(spec.unset, name)) unsetenv(name.c_str());
  }
  for (const auto& [name, value] : spec.environment) setenv(name.c_str(), value.c_str(), 1);
}

/// What the jobs write must stay theirs: restic's files in a folder repository, its cache.
bool BecomeUserOfJobs(const ProcessSpec& spec) {
  if (geteuid() != 0) return true;
  if (spec.gid && (setgroups(0, nullptr) != 0 || setgid(*spec.gid) != 0)) return false;
  return !spec.uid || setuid(*spec.uid) == 0;
}

/// Becomes the program of `spec`; returns only if that failed.
int Become(const ProcessSpec& spec, const std::map<std::string, std::string>& inherited) {
  SetEnvironment(spec, inherited);
  if (!BecomeUserOfJobs(spec)) return errno;
  std::vector<char*> argv;
  for (const std::string& argument : spec.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  execvp(argv.front(), argv.data());
  return errno;
}

}  // namespace

ExitCode RunRestic(Machine& machine, const GlobalOptions& global, const ResticOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  if (options.arguments.empty()) {
    PrintError(machine, {"nothing to run",
                         "write restic's own arguments after --, like `runner restic -- stats`"});
    return ExitCode::kUsage;
  }
  const auto session = Session::Open(machine, loaded->config);
  if (!session) {
    PrintError(machine, session.error());
    return ExitCode::kFailed;
  }
  const ProcessSpec spec = (*session)->restic().PassThrough(options.arguments);
  const int error = Become(spec, machine.environment);
  PrintError(machine,
             {fmt::format("cannot start {}: {}", spec.argv.front(), std::strerror(error)), ""});
  return ExitCode::kFailed;
}

}  // namespace runner
