#include <fmt/format.h>
#include <grp.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"

namespace runner {
namespace {

/// True for the name itself and for "PREFIX*".
bool Matches(const std::string& pattern, const std::string& name) {
  return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                : name == pattern;
}

void SetEnvironment(const ProcessSpec& spec, const std::map<std::string, std::string>& inherited) {
  for (const auto& [name, value] : inherited) {
    const bool unwanted =
        std::any_of(spec.unset.begin(), spec.unset.end(),
                    [&name = name](const std::string& pattern) { return Matches(pattern, name); });
    if (unwanted) unsetenv(name.c_str());
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
