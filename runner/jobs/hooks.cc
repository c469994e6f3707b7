#include "runner/jobs/hooks.h"

#include <fmt/format.h>

#include "runner/process/run_as.h"
#include "runner/restic/environment.h"
#include "targets/base/text.h"

namespace runner {
namespace {

/// "hook docker", "drill command check-photos".
std::string NameOf(std::string_view kind, const targets::Argv& argv) {
  return argv.empty() ? std::string(kind)
                      : fmt::format("{} {}", kind, targets::ShellQuote(argv.front()));
}

/// How it ended, and what it said of that.
std::string Describe(const std::string& name, const ProcessResult& result,
                     std::string_view last_words) {
  std::string what;
  if (const auto* not_started = std::get_if<NotStarted>(&result.status)) {
    what = fmt::format("could not start: {}", not_started->reason);
  } else if (result.stop_cause == StopCause::kDeadline) {
    what = "ran into its time limit (hooks.timeout)";
  } else if (const auto* exited = std::get_if<Exited>(&result.status)) {
    what = fmt::format("exit code {}", exited->code);
  } else {
    what = fmt::format("ended by signal {}", std::get<Signalled>(result.status).signal);
  }
  const std::string said = targets::OneLine(last_words, 200);
  return said.empty() ? fmt::format("{}: {}", name, what)
                      : fmt::format("{}: {}: {}", name, what, said);
}

std::string Describe(const targets::Argv& hook, const ProcessResult& result) {
  return Describe(NameOf("hook", hook), result, result.stderr_tail);
}

/// The last line that is not empty.
std::string_view LastLine(std::string_view text) {
  text = targets::TrimSpace(text);
  const std::size_t newline = text.rfind('\n');
  return newline == std::string_view::npos ? text : text.substr(newline + 1);
}

}  // namespace

ProcessSpec UserCommand(const targets::Config& config, const targets::Target& target,
                        targets::Argv argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.unset = UnsetForUserCommands(config);
  spec.environment = target.environment;
  spec.environment["RUNNER_INSTANCE"] = config.instance.str();
  spec.environment["RUNNER_TARGET"] = target.id.str();
  spec.environment["TZ"] = config.timezone;
  ApplyRunAs(spec, config.run_as);
  spec.nice = target.limits.nice;
  spec.parent_death_signal = 15;
  return spec;
}

ProcessResult HookRunner::RunOne(const targets::Argv& hook, const HookContext& context,
                                 StopHandle& stop) {
  ProcessSpec spec = UserCommand(config_, context.target, hook);
  spec.environment["RUNNER_STAGE"] = context.stage;
  if (!context.outcome.empty()) spec.environment["RUNNER_OUTCOME"] = context.outcome;
  if (!context.reason.empty()) spec.environment["RUNNER_REASON"] = context.reason;
  if (!context.snapshot.empty()) spec.environment["RUNNER_SNAPSHOT"] = context.snapshot;
  if (const auto* directory = std::get_if<targets::DirectorySource>(&context.target.source)) {
    spec.environment["RUNNER_SOURCE"] = directory->path;
  }
  spec.watch.max_runtime = context.target.hooks.timeout;
  spec.stop = {std::chrono::seconds(5), std::chrono::seconds(5)};
  const std::unique_ptr<Process> process = processes_.Launch(std::move(spec));
  const AttachedProcess attached(stop, *process);
  return process->Wait();
}

HookResult HookRunner::RunBefore(const HookContext& context, StopHandle& stop) {
  for (const targets::Argv& hook : context.target.hooks.before) {
    const ProcessResult result = RunOne(hook, context, stop);
    if (result.Succeeded()) continue;
    const auto* exited = std::get_if<Exited>(&result.status);
    const bool skip =
        result.stop_cause == StopCause::kNone && exited != nullptr && exited->code == kHookSkip;
    return {skip ? HookVerdict::kSkip : HookVerdict::kFail, Describe(hook, result)};
  }
  return {};
}

HookResult HookRunner::RunAll(const std::vector<targets::Argv>& hooks, const HookContext& context) {
  HookResult first_failure;
  StopHandle never;
  for (const targets::Argv& hook : hooks) {
    const ProcessResult result = RunOne(hook, context, never);
    if (result.Succeeded() || first_failure.verdict == HookVerdict::kFail) continue;
    first_failure = {HookVerdict::kFail, Describe(hook, result)};
  }
  return first_failure;
}

HookResult HookRunner::RunJudge(const targets::Argv& command, const HookContext& context,
                                StopHandle& stop) {
  const ProcessResult result = RunOne(command, context, stop);
  if (result.Succeeded()) return {};
  const std::string_view complaint = LastLine(result.stderr_tail);
  return {HookVerdict::kFail,
          Describe(NameOf("drill command", command), result,
                   complaint.empty() ? LastLine(result.stdout_tail) : complaint)};
}

}  // namespace runner
