#include "runner/app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "runner/app/command_line_help.h"
#include "runner/app/command_line_history.h"
#include "runner/app/command_line_key.h"
#include "targets/base/text.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION comes from the build"
#endif

namespace runner {
namespace {

/// Everything that CLI11 writes into while it parses.
struct Values {
  GlobalOptions global;
  ValidateOptions validate;
  PlanOptions plan;
  RunOptions run;
  SnapshotsOptions snapshots;
  RestoreOptions restore;
  WaitRestoredOptions wait_restored;
  AckOptions ack;
  AdoptOptions adopt;
  DoctorOptions doctor;
  ResticOptions restic;
  HealthcheckOptions healthcheck;
  StatusOptions status;
  ExplainOptions explain;
  DrillOptions drill;
  HistoryValues history;
  KeyValues key;
  NotifyOptions notify;
  std::optional<std::string> at;
  std::optional<std::string> restore_at;
  std::optional<std::string> timeout;
  std::optional<std::string> horizon;
  std::optional<std::string> stage;
};

void AddValidate(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("validate", "Check the configuration; list every problem with its place");
  command->add_option("FILE", values.validate.file,
                      "The file to check instead of the configured one");
}

void AddDoctor(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Find what is wrong with this machine and the key of its storage; say what to do");
  command->add_flag("--json", values.doctor.json, "For programs (schemas/doctor.schema.json)");
  command->add_flag("--offline", values.doctor.offline, "Do not ask Backblaze B2");
}

void AddPlan(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("plan", "Show what would happen and when; changes nothing");
  command->add_option("TARGET", values.plan.targets, "Only these targets");
  command->add_flag("--json", values.plan.json, "For programs (schemas/plan.schema.json)");
  command->add_flag("--show-origin", values.plan.show_origin,
                    "Say where each effective value comes from");
  command->add_flag("--offline", values.plan.offline,
                    "Look at the configuration alone: no source, no state, no program");
  command
      ->add_flag("--snapshots", values.plan.snapshots,
                 "Ask the repository, and list what retention keeps and removes, and why")
      ->excludes("--offline");
  command->add_option("--at", values.at, "As if it were TIME (RFC 3339)")->type_name("TIME");
  command->add_option("--horizon", values.horizon, "Every occurrence until then, e.g. 7d")
      ->type_name("DURATION");
}

void AddRun(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("run", "Run the jobs now: back up, then forget old snapshots");
  command->add_option("TARGET", values.run.targets, "Only these targets");
  command->add_option("--stage", values.stage, "Only this stage: restore, backup or forget")
      ->type_name("STAGE");
}

void AddDaemon(CLI::App& app) {
  app.add_subcommand("daemon", "Run every job when it is due; the container's command");
  app.add_subcommand("reload", "Make the daemon read its configuration again, if it is valid");
  app.add_subcommand("recovery-sheet", "Print a page for the safe: how to get everything back");
}

void AddSnapshots(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand("snapshots", "List the snapshots in the repository");
  CLI::Option* target =
      command->add_option("TARGET", values.snapshots.target, "Only this target's");
  CLI::Option* json = command->add_flag("--json", values.snapshots.json, "For programs");
  CLI::Option* all =
      command->add_flag("--all", values.snapshots.all, "Those of other instances too");
  command
      ->add_flag("--accept", values.snapshots.accept,
                 "Far fewer than before are right: forget and prune may go on")
      ->excludes(target)
      ->excludes(json)
      ->excludes(all);
}

void AddRestore(CLI::App& app, Values& values) {
  RestoreOptions& restore = values.restore;
  CLI::App* command = app.add_subcommand(
      "restore", "Bring back a target's data: the newest good snapshot, into its source");
  command->add_option("TARGET", restore.target, "Whose data")->required();
  CLI::Option* snapshot =
      command->add_option("--snapshot", restore.snapshot, "This one, by the beginning of its id")
          ->type_name("ID");
  command->add_option("--at", values.restore_at, "The newest one of that time or before (RFC 3339)")
      ->type_name("TIME")
      ->excludes(snapshot);
  command->add_option("--to", restore.to, "Into this folder instead of the source")
      ->type_name("DIR");
  command
      ->add_option("--include", restore.include,
                   "Only what matches this pattern of restic's; may be given again")
      ->type_name("GLOB")
      ->expected(1)
      ->take_all();
  command->add_flag("--force", restore.force,
                    "Into a folder that has data: replaces files of the same name, deletes none");
  command->add_flag("--dry-run", restore.dry_run, "Say what would be restored; write nothing");
  command->add_flag("--verify", restore.verify, "Read every restored file once more");
}

void AddWaitRestored(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "wait-restored", "Return when the targets' data is there, so that an application may start");
  command->add_option("TARGET", values.wait_restored.targets, "Only these targets");
  command->add_option("--timeout", values.timeout, "Give up after that time, e.g. 30m")
      ->type_name("DURATION");
}

void AddAck(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "ack", "Answer a quarantine: the suspicious snapshots of a target are right");
  command->add_option("TARGET", values.ack.target, "The target")->required();
  command->add_flag("--discard", values.ack.discard,
                    "They are wrong: forget them; the last good one stays the newest");
}

void AddAdopt(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "adopt",
      "Make the snapshots of another host, the old container's, a target's own to restore");
  command->add_option("TARGET", values.adopt.target, "Whose they become")->required();
  command
      ->add_option("--from-host", values.adopt.from_host, "Their host, as `snapshots --all` says")
      ->type_name("HOST")
      ->required();
  command->add_option("--from-path", values.adopt.from_path, "Only those of exactly this path")
      ->type_name("PATH");
  command->add_flag("--yes", values.adopt.yes, "Do it; without this it is only shown");
}

void AddMaintenance(CLI::App& app) {
  app.add_subcommand("prune", "Delete the data that no snapshot needs any more");
  app.add_subcommand("check",
                     "Verify the repository: its structure, and the next part of its data");
}

void AddDrill(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "drill", "Prove that the newest snapshot can be restored: into a scratch folder, compared");
  command->add_option("TARGET", values.drill.targets,
                      "Only these targets, with a drill or without");
}

void AddNotify(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("notify", "Try the channels that tell people how things are");
  command->add_flag("--test", values.notify.test, "Send a test message, and say what came back")
      ->required();
  command->add_option("CHANNEL", values.notify.channel, "Only this channel");
}

void AddRestic(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "restic", "Run restic with this repository's environment: runner restic -- stats");
  command->add_option("ARGS", values.restic.arguments, "What restic gets, after --");
  command->positionals_at_end();
}

void AddHealthcheck(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("healthcheck", "Say whether everything that must survive is backed up");
  command->add_option("--target", values.healthcheck.target, "Only this target");
  command->add_flag("--json", values.healthcheck.json, "For programs (schemas/health.schema.json)");
  command->add_flag("--live", values.healthcheck.live, "Only whether the daemon is alive");
  command->add_flag("--require-daemon", values.healthcheck.require_daemon,
                    "Without a running daemon: unhealthy");
}

void AddStatus(CLI::App& app, Values& values) {
  CLI::App* command =
      app.add_subcommand("status", "Show what is due when, what runs now, what failed and why");
  command->add_option("TARGET", values.status.targets, "Only these targets");
  command->add_flag("--json", values.status.json, "For programs (schemas/status.schema.json)");
}

void AddExplain(CLI::App& app, Values& values) {
  CLI::App* command = app.add_subcommand(
      "explain", "Say why a target is due, skipped or blocked, and what happens next");
  command->add_option("TARGET", values.explain.subject, "A target, or probe, prune or check")
      ->required();
}

tl::unexpected<CommandLineExit> UsageError(std::string message, std::string hint = {}) {
  std::string text = "runner: " + std::move(message) + "\n";
  if (!hint.empty()) text += "  " + std::move(hint) + "\n";
  return tl::unexpected<CommandLineExit>(CommandLineExit{std::move(text), true});
}

/// `--option` or a command that nobody knows: name the nearest one.
std::string Suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> known;
  const std::vector<const CLI::App*> commands =
      app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) known.push_back(command->get_name());
  const auto is_known = [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  };
  // The value of a mistyped option in front is no command.
  auto first = std::find_if(arguments.begin(), arguments.end(), is_known);
  if (first == arguments.end() || !arguments.front().starts_with("-")) {
    first = std::find_if(arguments.begin(), arguments.end(),
                         [](const auto& a) { return !a.starts_with("-"); });
  }
  if (first != arguments.end() && !is_known(*first)) {
    const auto nearest = targets::Nearest(*first, known);
    return nearest ? fmt::format("did you mean `runner {}`?", *nearest)
                   : "`runner --help` lists the commands";
  }
  const CLI::App* scope = &app;
  for (const CLI::App* command : commands) {
    if (first != arguments.end() && command->get_name() == *first) scope = command;
  }
  std::vector<std::string> options;
  for (const CLI::App* owner : {scope, &app}) {
    for (const CLI::Option* option : owner->get_options()) {
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    }
  }
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (!name.starts_with("--") || name == "--" ||
        std::find(options.begin(), options.end(), name) != options.end()) {
      continue;
    }
    if (const auto nearest = targets::Nearest(name, options))
      return fmt::format("did you mean {}?", *nearest);
  }
  return fmt::format("`runner {}--help` explains the options",
                     scope == &app ? "" : scope->get_name() + " ");
}

/// The texts that CLI11 only hands over as strings.
std::optional<CommandLineExit> ReadTypedValues(Values& values) {
  if (values.at) {
    const auto at = targets::ParseRfc3339(*values.at);
    if (!at) return UsageError("--at: " + at.error().message, at.error().hint).value();
    values.plan.at = *at;
  }
  if (values.restore_at) {
    const auto at = targets::ParseRfc3339(*values.restore_at);
    if (!at) return UsageError("--at: " + at.error().message, at.error().hint).value();
    values.restore.at = *at;
  }
  if (values.timeout) {
    const auto timeout = targets::ParseDuration(*values.timeout);
    if (!timeout)
      return UsageError("--timeout: " + timeout.error().message, timeout.error().hint).value();
    values.wait_restored.timeout = *timeout;
  }
  if (values.horizon) {
    const auto horizon = targets::ParseDuration(*values.horizon);
    if (!horizon)
      return UsageError("--horizon: " + horizon.error().message, horizon.error().hint).value();
    values.plan.horizon = *horizon;
  }
  for (const auto& [text, stage] : {std::pair{&values.stage, &values.run.stage},
                                    {&values.history.stage, &values.history.history.stage}}) {
    if (!*text) continue;
    *stage = targets::StageFromName(**text);
    if (*stage) continue;
    return UsageError(fmt::format("--stage: there is no stage \"{}\"", **text),
                      "stages are restore, backup, forget, drill, probe, prune and check")
        .value();
  }
  return std::nullopt;
}

std::optional<CommandOptions> Chosen(const CLI::App& app, const Values& values) {
  if (app.got_subcommand("validate")) return values.validate;
  if (app.got_subcommand("doctor")) return values.doctor;
  if (app.got_subcommand("plan")) return values.plan;
  if (app.got_subcommand("daemon")) return DaemonOptions{};
  if (app.got_subcommand("reload")) return ReloadOptions{};
  if (app.got_subcommand("recovery-sheet")) return RecoverySheetOptions{};
  if (app.got_subcommand("run")) return values.run;
  if (app.got_subcommand("snapshots")) return values.snapshots;
  if (app.got_subcommand("restore")) return values.restore;
  if (app.got_subcommand("wait-restored")) return values.wait_restored;
  if (app.got_subcommand("ack")) return values.ack;
  if (app.got_subcommand("adopt")) return values.adopt;
  if (app.got_subcommand("prune")) return PruneOptions{};
  if (app.got_subcommand("check")) return CheckOptions{};
  if (app.got_subcommand("drill")) return values.drill;
  if (app.got_subcommand("notify")) return values.notify;
  if (app.got_subcommand("key")) return ChosenKey(values.key);
  if (app.got_subcommand("restic")) return values.restic;
  if (app.got_subcommand("healthcheck")) return values.healthcheck;
  if (app.got_subcommand("status")) return values.status;
  if (app.got_subcommand("explain")) return values.explain;
  if (app.got_subcommand("history")) return values.history.history;
  if (app.got_subcommand("logs")) return values.history.logs;
  if (app.got_subcommand("metrics")) return values.history.metrics;
  return std::nullopt;
}

}  // namespace

tl::expected<CommandLine, CommandLineExit> ParseCommandLine(
    const std::vector<std::string>& arguments) {
  Values values;
  CLI::App app{
      "runner: backs up what a YAML file declares, with restic, and says when that stops being "
      "true"};
  app.name("runner");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("runner ") + RUNNER_VERSION, "Print the version");
  app.add_option("--config", values.global.config, "The configuration file")->type_name("FILE");
  app.add_flag("--debug", values.global.debug, "Say more");
  app.require_subcommand(0, 1);
  app.fallthrough();
  AddValidate(app, values);
  AddDoctor(app, values);
  AddPlan(app, values);
  AddDaemon(app);
  AddRun(app, values);
  AddSnapshots(app, values);
  AddRestore(app, values);
  AddWaitRestored(app, values);
  AddAck(app, values);
  AddAdopt(app, values);
  AddMaintenance(app);
  AddDrill(app, values);
  AddNotify(app, values);
  AddKey(app, values.key);
  AddRestic(app, values);
  AddHealthcheck(app, values);
  AddStatus(app, values);
  AddExplain(app, values);
  AddHistory(app, values.history);

  // What follows `restic --` belongs to restic, whatever it looks like.
  std::vector<std::string> own = arguments;
  targets::Argv passed;
  const auto restic = std::find(own.begin(), own.end(), "restic");
  const auto separator = std::find(restic, own.end(), "--");
  if (separator != own.end()) {
    passed.assign(separator + 1, own.end());
    own.erase(separator, own.end());
  }
  try {
    std::vector<std::string> reversed(own.rbegin(), own.rend());
    app.parse(reversed);
  } catch (const CLI::CallForVersion&) {
    return tl::unexpected<CommandLineExit>(CommandLineExit{app.version() + "\n", false});
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    return tl::unexpected<CommandLineExit>(
        CommandLineExit{chosen.empty() ? app.help() : chosen.front()->help("runner"), false});
  } catch (const CLI::ParseError& error) {
    return UsageError(targets::OneLine(error.what()), Suggestion(app, own));
  }
  if (auto problem = ReadTypedValues(values))
    return tl::unexpected<CommandLineExit>(std::move(*problem));
  values.restic.arguments.insert(values.restic.arguments.end(), passed.begin(), passed.end());
  const auto chosen = Chosen(app, values);
  if (!chosen)
    return tl::unexpected<CommandLineExit>(CommandLineExit{app.help(), arguments.empty()});
  return CommandLine{values.global, *chosen};
}

}  // namespace runner
