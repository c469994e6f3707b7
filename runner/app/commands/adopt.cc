#include "runner/jobs/adopt.h"

#include <fmt/format.h>

#include "runner/app/commands/commands.h"
#include "runner/app/exit_of_cause.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"
#include "runner/app/snapshot_table.h"

namespace runner {
namespace {

using targets::AdoptQuestion;

std::string Count(std::size_t count) {
  return fmt::format("{} snapshot{}", count, count == 1 ? "" : "s");
}

ExitCode Refuse(Machine& machine, const Failure& failure) {
  PrintError(machine, {failure.reason, failure.hint});
  return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitOfCause(failure.cause);
}

std::string WhoseSnapshots(const AdoptQuestion& question) {
  return fmt::format("host {}{}", question.host,
                     question.path.empty() ? "" : " and path " + question.path);
}

/// What stands between the command and its work; nullopt: nothing.
std::optional<targets::Error> Objection(const targets::Adoptable& found,
                                        const AdoptQuestion& question) {
  if (const std::string objection = ObjectionToAdoption(found, question); !objection.empty())
    return targets::Error{objection, "say which with --from-path"};
  if (!found.snapshots.empty() || found.already > 0) return std::nullopt;
  std::string reason = "there is no snapshot of " + WhoseSnapshots(question);
  if (found.of_other_targets > 0)
    reason += fmt::format(" but {} of other targets", Count(found.of_other_targets));
  return targets::Error{reason, "`runner snapshots --all` lists all with their host and path"};
}

void ShowFound(Machine& machine, const targets::Config& config, const targets::Adoptable& found) {
  const auto zone = targets::Zone::Load(config.timezone);
  if (!found.snapshots.empty())
    machine.console.Out(SnapshotTable(found.snapshots, zone ? *zone : targets::Zone()));
  if (found.already > 0)
    machine.console.Out(fmt::format("{} more: adopted already\n", Count(found.already)));
  if (found.of_other_targets > 0) {
    machine.console.Out(
        fmt::format("{} more: of other targets, left alone\n", Count(found.of_other_targets)));
  }
}

std::string Afterwards(const targets::Target& target, const AdoptionDone& done) {
  if (target.IsStream() || !target.restore.if_empty || done.snapshots_seen > 0) {
    return fmt::format("`runner restore {}` finds them", target.id.str());
  }
  return fmt::format(
      "`runner restore {}` finds them, and so does the restore of an empty source before its first "
      "backup",
      target.id.str());
}

ExitCode Work(Machine& machine, Adoption& adoption, const targets::Target& target,
              const AdoptQuestion& question) {
  const auto done = adoption.Adopt(question, machine.stop);
  if (!done) return Refuse(machine, done.error());
  machine.console.Out(fmt::format("adopted {} as target {}: {}\n", Count(done->adopted),
                                  target.id.str(), Afterwards(target, *done)));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunAdopt(Machine& machine, const GlobalOptions& global, const AdoptOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const targets::Config& config = loaded->config;
  const auto selected = SelectTargets(config, {options.target});
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  const auto session = Session::Open(machine, config, global.debug || config.logging.debug);
  if (!session) {
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  const AdoptQuestion question{selected->front(), config.instance, options.from_host,
                               options.from_path};
  Adoption adoption((*session)->tools(), (*session)->opener(), (*session)->gate());
  const auto found = adoption.Find(question, machine.stop);
  if (!found) return Refuse(machine, found.error());
  ShowFound(machine, config, *found);
  if (const auto objection = Objection(*found, question)) {
    PrintError(machine, *objection);
    return ExitCode::kFailed;
  }
  if (options.yes) {
    return Work(machine, adoption, *targets::FindTarget(config, question.target), question);
  }
  machine.console.Out(fmt::format("would adopt {} as target {}{}\n", Count(found->snapshots.size()),
                                  options.target,
                                  found->snapshots.empty() ? "" : "; type again with --yes"));
  return ExitCode::kDone;
}

}  // namespace runner
