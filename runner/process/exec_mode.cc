#include "runner/process/exec_mode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace runner {
namespace {

constexpr std::string_view kFailureWord = "runner-exec-failure";

/// What ExecMain reads back from its arguments.
struct Order {
  std::string nonce = "-";
  std::optional<long long> parent, keep_stdin, open_files, uid, gid, nice, umask, death_signal;
  std::string working_directory;
  std::vector<std::string> unset;
  std::vector<std::string> keep;
  char** command = nullptr;
};

/// A step that failed, named for people; nullptr: all went well. errno says why.
using FailedStep = const char*;

bool MatchesName(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

bool ParseNumber(std::string_view text, std::optional<long long>& into) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  into = value;
  return true;
}

bool ParseOption(std::string_view argument, Order& order) {
  const auto equals = argument.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = argument.substr(0, equals);
  const std::string_view value = argument.substr(equals + 1);
  if (name == "--nonce") return order.nonce = value, true;
  if (name == "--cwd") return order.working_directory = value, true;
  if (name == "--unset") return order.unset.emplace_back(value), true;
  if (name == "--keep") return order.keep.emplace_back(value), true;
  if (name == "--parent") return ParseNumber(value, order.parent);
  if (name == "--stdin") return ParseNumber(value, order.keep_stdin);
  if (name == "--open-files") return ParseNumber(value, order.open_files);
  if (name == "--uid") return ParseNumber(value, order.uid);
  if (name == "--gid") return ParseNumber(value, order.gid);
  if (name == "--nice") return ParseNumber(value, order.nice);
  if (name == "--umask") return ParseNumber(value, order.umask);
  if (name == "--death-signal") return ParseNumber(value, order.death_signal);
  return false;
}

FailedStep Parse(int argc, char** argv, Order& order) {
  errno = EINVAL;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--") {
      order.command = argv + i + 1;
      break;
    }
    if (!ParseOption(argv[i], order)) return "read the options of the hidden mode";
  }
  return order.command != nullptr && *order.command != nullptr ? nullptr : "find a command to run";
}

/// All signals stay blocked until the very last step, so that a stop request is never lost on the
/// way.
void BlockSignalsAndResetHandlers() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
}

FailedStep MakeGroup() { return setpgid(0, 0) == 0 ? nullptr : "make a process group"; }

FailedStep ApplyLimits(const Order& order) {
  if (order.umask) ::umask(static_cast<mode_t>(*order.umask));
  if (order.nice && setpriority(PRIO_PROCESS, 0, static_cast<int>(*order.nice)) != 0) {
    return "set the nice value";
  }
  rlimit limit{};
  if (order.open_files && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = std::min(static_cast<rlim_t>(*order.open_files), limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return "set the limit of open files";
  }
  return nullptr;
}

/// Real, effective and saved ids at once: there is no way back.
FailedStep ApplyIds(const Order& order) {
  if (!order.uid && !order.gid) return nullptr;
  if (geteuid() == 0) {
    const gid_t group = order.gid ? static_cast<gid_t>(*order.gid) : getgid();
    if (setgroups(1, &group) != 0) return "drop the supplementary groups";
  }
  if (order.gid) {
    const auto gid = static_cast<gid_t>(*order.gid);
    if (setresgid(gid, gid, gid) != 0) return "set the group id";
  }
  if (order.uid) {
    const auto uid = static_cast<uid_t>(*order.uid);
    if (setresuid(uid, uid, uid) != 0) return "set the user id";
  }
  return nullptr;
}

/// After the ids, since a change of ids clears the request.
FailedStep TieToParent(const Order& order) {
  if (order.death_signal && prctl(PR_SET_PDEATHSIG, *order.death_signal, 0, 0, 0) != 0) {
    return "ask for a signal at the runner's death";
  }
  if (!order.parent || getppid() == static_cast<pid_t>(*order.parent)) return nullptr;
  errno = ESRCH;
  return "find the runner, which died meanwhile";
}

FailedStep EnterFolder(const Order& order) {
  if (order.working_directory.empty()) return nullptr;
  return chdir(order.working_directory.c_str()) == 0 ? nullptr : "enter the working folder";
}

void RemoveVariables(const Order& order) {
  std::vector<std::string> doomed;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (MatchesAny(order.unset, name) &&
        std::find(order.keep.begin(), order.keep.end(), name) == order.keep.end()) {
      doomed.emplace_back(name);
    }
  }
  for (const std::string& name : doomed) unsetenv(name.c_str());
}

FailedStep SettleDescriptors(const Order& order) {
  if (!order.keep_stdin) {
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0) return "open /dev/null as standard input";
  }
  // Marked rather than closed: whatever a library of this very process holds stays valid until the
  // end of it.
  close_range(
      3, ~0U,
      CLOSE_RANGE_CLOEXEC);  // an old kernel knows no close_range; Poco has closed them anyway
  return nullptr;
}

/// True if all of it went out; it fits a pipe at once.
bool WriteError(const std::string& line) {
  return write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

FailedStep Become(const Order& order) {
  if (!WriteError(ExecReadyLine(order.nonce))) return "write to standard error";
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(order.command[0], order.command);
  return "run it";
}

FailedStep Prepare(const Order& order) {
  if (FailedStep step = MakeGroup()) return step;
  if (FailedStep step = ApplyLimits(order)) return step;
  if (FailedStep step = ApplyIds(order)) return step;
  if (FailedStep step = TieToParent(order)) return step;
  if (FailedStep step = EnterFolder(order)) return step;
  RemoveVariables(order);
  return SettleDescriptors(order);
}

void AddNumber(std::vector<std::string>& arguments, std::string_view name, long long value) {
  arguments.push_back(fmt::format("--{}={}", name, value));
}

}  // namespace

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesName(pattern, name); });
}

std::vector<std::string> ExecArguments(const ProcessSpec& spec, const ExecRequest& request) {
  std::vector<std::string> arguments{std::string(kExecModeName), "--nonce=" + request.nonce};
  AddNumber(arguments, "parent", request.parent);
  if (request.keep_stdin) AddNumber(arguments, "stdin", 1);
  if (request.open_files != 0) {
    AddNumber(arguments, "open-files", static_cast<long long>(request.open_files));
  }
  if (spec.uid) AddNumber(arguments, "uid", *spec.uid);
  if (spec.gid) AddNumber(arguments, "gid", *spec.gid);
  if (spec.nice) AddNumber(arguments, "nice", *spec.nice);
  if (spec.umask) AddNumber(arguments, "umask", *spec.umask);
  if (spec.parent_death_signal != 0) AddNumber(arguments, "death-signal", spec.parent_death_signal);
  if (!spec.working_directory.empty()) arguments.push_back("--cwd=" + spec.working_directory);
  for (const std::string& pattern : spec.unset) arguments.push_back("--unset=" + pattern);
  for (const auto& [name, value] : spec.environment) {
    if (MatchesAny(spec.unset, name)) arguments.push_back("--keep=" + name);
  }
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), spec.argv.begin(), spec.argv.end());
  return arguments;
}

int ExecMain(int argc, char** argv) {
  BlockSignalsAndResetHandlers();
  Order order;
  FailedStep step = Parse(argc, argv, order);
  if (step == nullptr) step = Prepare(order);
  if (step == nullptr) step = Become(order);
  WriteError(fmt::format("{} {} {} {}\n", kFailureWord, order.nonce, errno, step));
  _exit(127);
}

std::string ExecReadyLine(std::string_view nonce) {
  return fmt::format("runner-exec-ready {}\n", nonce);
}

std::string ExecFailureReason(std::string_view line, std::string_view nonce,
                              const targets::Argv& argv) {
  const std::string start = fmt::format("{} {} ", kFailureWord, nonce);
  if (!line.starts_with(start)) return {};
  line.remove_prefix(start.size());
  const auto space = line.find(' ');
  std::optional<long long> error;
  if (space == std::string_view::npos || !ParseNumber(line.substr(0, space), error)) return {};
  const std::string_view step = line.substr(space + 1);
  const std::string_view program = argv.empty() ? std::string_view{} : std::string_view(argv[0]);
  const bool missing = step == "run it" && *error == ENOENT;
  return fmt::format("cannot start \"{}\": cannot {}: {}{}", program, step,
                     std::generic_category().message(static_cast<int>(*error)),
                     missing ? "; install it, or give its full path" : "");
}

}  // namespace runner
