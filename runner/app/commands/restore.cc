#include <filesystem>

#include "runner/app/commands/commands.h"
#include "runner/app/job_summary.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"
#include "runner/jobs/restore_on_request.h"

namespace runner {
namespace {

RestoreWish WishOf(const RestoreOptions& options) {
  RestoreWish wish;
  wish.snapshot = options.snapshot.value_or("");
  wish.at = options.at;
  if (options.to) wish.to = std::filesystem::absolute(*options.to).lexically_normal().string();
  wish.include = options.include;
  wish.force = options.force;
  wish.dry_run = options.dry_run;
  wish.verify = options.verify;
  return wish;
}

}  // namespace

ExitCode RunRestore(Machine& machine, const GlobalOptions& global, const RestoreOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto selected = SelectTargets(loaded->config, {options.target});
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  const auto session =
      Session::Open(machine, loaded->config, global.debug || loaded->config.logging.debug);
  if (!session) {
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  const targets::Target* target = targets::FindTarget(loaded->config, selected->front());
  RestoreOnRequest job((*session)->tools(), (*session)->opener(), (*session)->gate(),
                       (*session)->restorer());
  const std::vector<JobReport> reports = {job.Run(*target, WishOf(options), machine.stop)};
  return ExitOfReports(reports, machine.stop);
}

}  // namespace runner
