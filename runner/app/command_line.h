#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "targets/base/result.h"
#include "targets/base/time.h"
#include "targets/model/stage.h"
#include "targets/model/target.h"

namespace runner {

struct GlobalOptions {
  std::optional<std::string>
      config;  // --config; RUNNER_CONFIG and the default places are looked at by the loader
  bool debug = false;
};

struct ValidateOptions {
  std::optional<std::string> file;
};
struct PlanOptions {
  std::vector<std::string> targets;
  bool json = false;
  bool show_origin = false;
  bool offline = false;
  bool snapshots = false;  // ask the repository what it holds
  std::optional<targets::UnixTime> at;
  std::optional<targets::Duration> horizon;
};
struct RunOptions {
  std::vector<std::string> targets;
  std::optional<targets::Stage> stage;
};
struct DaemonOptions {};
struct ReloadOptions {};
struct RecoverySheetOptions {};
struct SnapshotsOptions {
  std::optional<std::string> target;
  bool json = false;
  bool all = false;     // of every host, not of this instance alone
  bool accept = false;  // remember the present numbers as right
};
struct RestoreOptions {
  std::string target;
  std::optional<std::string> snapshot;
  std::optional<targets::UnixTime> at;
  std::optional<std::string> to;
  std::vector<std::string> include;
  bool force = false;
  bool dry_run = false;
  bool verify = false;
};
struct WaitRestoredOptions {
  std::vector<std::string> targets;
  std::optional<targets::Duration> timeout;
};
struct AckOptions {
  std::string target;
  bool discard = false;  // forget what is quarantined instead of accepting it
};
struct AdoptOptions {
  std::string target;
  std::string from_host;
  std::string from_path;
  bool yes = false;
};
struct PruneOptions {};
struct CheckOptions {};
struct DrillOptions {
  std::vector<std::string> targets;  // none: all that have a drill
};
struct NotifyOptions {
  bool test = false;    // always: so far there is nothing else to do
  std::string channel;  // empty: all of them
};
enum class KeyAction { kList, kRenew, kRevoke };
struct KeyOptions {
  KeyAction action = KeyAction::kList;
  bool json = false;
};
struct ResticOptions {
  targets::Argv arguments;
};
struct HealthcheckOptions {
  std::optional<std::string> target;
  bool json = false;
  bool live = false;
  bool require_daemon = false;
};

struct StatusOptions {
  std::vector<std::string> targets;
  bool json = false;
};

struct ExplainOptions {
  std::string subject;  // a target, or a stage of the repository
};

struct HistoryOptions {
  std::optional<std::string> target;
  std::optional<targets::Stage> stage;
  std::optional<std::string> since;  // a length of time, a day or an instant
  std::size_t limit = 50;
  bool json = false;
};
struct LogsOptions {
  std::int64_t run = 0;
};

struct MetricsOptions {
  std::optional<std::string> output;  // a file instead of standard output
};

struct DoctorOptions {
  bool json = false;
  bool offline = false;
};

using CommandOptions =
    std::variant<ValidateOptions, PlanOptions, RunOptions, SnapshotsOptions, PruneOptions,
                 CheckOptions, ResticOptions, HealthcheckOptions, StatusOptions, ExplainOptions,
                 DaemonOptions, ReloadOptions, RecoverySheetOptions, RestoreOptions,
                 WaitRestoredOptions, AckOptions, DrillOptions, AdoptOptions, DoctorOptions,
                 HistoryOptions, LogsOptions, MetricsOptions, NotifyOptions, KeyOptions>;

struct CommandLine {
  GlobalOptions global;
  CommandOptions command;
};

/// What to print and how to end when there is no command to run: --help, --version, or a usage
/// error.
struct CommandLineExit {
  std::string text;
  bool is_error = false;
};

/// Reads the arguments (without the program's name). A mistyped command or option gets the nearest
/// known one.
tl::expected<CommandLine, CommandLineExit> ParseCommandLine(
    const std::vector<std::string>& arguments);

}  // namespace runner
