#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/app/commands/commands.h"
#include "runner/app/console.h"
#include "runner/app/signals.h"
#include "runner/base/posix_file_system.h"
#include "runner/jobs/inspect_source.h"
#include "runner/process/exec_mode.h"
#include "runner/process/posix_process_runner.h"

extern "C" char**
    environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace runner {
namespace {

std::map<std::string, std::string> ReadEnvironment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string ReadHostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::string ReadSelf() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string("/proc/self/exe") : path.string();
}

struct Dispatcher {
  Machine& machine;
  const GlobalOptions& global;

  ExitCode operator()(const ValidateOptions& options) const {
    return RunValidate(machine, global, options);
  }
  ExitCode operator()(const DoctorOptions& options) const {
    return RunDoctor(machine, global, options);
  }
  ExitCode operator()(const PlanOptions& options) const {
    return RunPlan(machine, global, options);
  }
  ExitCode operator()(const RunOptions& options) const { return RunRun(machine, global, options); }
  ExitCode operator()(const DaemonOptions&) const { return RunDaemon(machine, global); }
  ExitCode operator()(const ReloadOptions&) const { return RunReload(machine, global); }
  ExitCode operator()(const RecoverySheetOptions&) const {
    return RunRecoverySheet(machine, global);
  }
  ExitCode operator()(const SnapshotsOptions& options) const {
    return RunSnapshots(machine, global, options);
  }
  ExitCode operator()(const RestoreOptions& options) const {
    return RunRestore(machine, global, options);
  }
  ExitCode operator()(const WaitRestoredOptions& options) const {
    return RunWaitRestored(machine, global, options);
  }
  ExitCode operator()(const AckOptions& options) const { return RunAck(machine, global, options); }
  ExitCode operator()(const AdoptOptions& options) const {
    return RunAdopt(machine, global, options);
  }
  ExitCode operator()(const PruneOptions& options) const {
    return RunPrune(machine, global, options);
  }
  ExitCode operator()(const CheckOptions& options) const {
    return RunCheck(machine, global, options);
  }
  ExitCode operator()(const DrillOptions& options) const {
    return RunDrill(machine, global, options);
  }
  ExitCode operator()(const NotifyOptions& options) const {
    return RunNotify(machine, global, options);
  }
  ExitCode operator()(const KeyOptions& options) const { return RunKey(machine, global, options); }
  ExitCode operator()(const ResticOptions& options) const {
    return RunRestic(machine, global, options);
  }
  ExitCode operator()(const HealthcheckOptions& options) const {
    return RunHealthcheck(machine, global, options);
  }
  ExitCode operator()(const StatusOptions& options) const {
    return RunStatus(machine, global, options);
  }
  ExitCode operator()(const MetricsOptions& options) const {
    return RunMetrics(machine, global, options);
  }
  ExitCode operator()(const HistoryOptions& options) const {
    return RunHistory(machine, global, options);
  }
  ExitCode operator()(const LogsOptions& options) const {
    return RunLogs(machine, global, options);
  }
  ExitCode operator()(const ExplainOptions& options) const {
    return RunExplain(machine, global, options);
  }
};

int Main(const std::vector<std::string>& arguments) {
  HoldSignals();
  Console console(stdout, stderr);
  const auto parsed = ParseCommandLine(arguments);
  if (!parsed) {
    if (parsed.error().is_error) {
      console.Err(parsed.error().text);
      return static_cast<int>(ExitCode::kUsage);
    }
    console.Out(parsed.error().text);
    return static_cast<int>(console.Flush() ? ExitCode::kDone : ExitCode::kFailed);
  }

  SystemClock clock;
  PosixFileSystem files;
  StopHandle stop;
  SignalRelay relay;
  std::atomic<int> requests{0};
  const bool reaper = getpid() == 1;
  PosixProcessRunner processes(clock);
  // Ends before `processes`: a child's last signal may come as late as that.
  const SignalWatcher signals([&](int signal) {
    if (signal == SIGCHLD) {
      if (reaper) processes.ReapOrphans();
      return;
    }
    // restic's unlock sends SIGHUP to process ids that it finds in locks: it must harm nobody.
    if (signal != SIGHUP) stop.Stop();
    if (signal != SIGHUP && ++requests > 1) processes.HurryAll();
    relay.Deliver(signal);
  });
  Machine machine{clock,      files,
                  processes,  console,
                  stop,       ReadEnvironment(),
                  ReadSelf(), ReadHostName(),
                  relay,      [&] { processes.HurryAll(); }};
  ExitCode code = std::visit(Dispatcher{machine, parsed->global}, parsed->command);
  if (!console.Flush() && code == ExitCode::kDone) code = ExitCode::kFailed;
  if (machine.leave_at_once) std::_Exit(static_cast<int>(code));
  return static_cast<int>(code);
}

}  // namespace
}  // namespace runner

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == runner::kExecModeName)
    return runner::ExecMain(argc, argv);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (argc > 1 && arguments[0] == runner::kInspectSourceMode) {
      runner::PosixFileSystem files;
      return runner::InspectSourceMain({arguments.begin() + 1, arguments.end()}, files);
    }
    return runner::Main(arguments);
  } catch (const std::exception& error) {
    // Nothing of ours throws; this is a library that ran out of memory or worse.
    std::fprintf(stderr, "runner: unexpected: %s\n", error.what());
    return static_cast<int>(runner::ExitCode::kFailed);
  }
}
