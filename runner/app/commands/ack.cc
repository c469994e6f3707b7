#include "runner/app/commands/commands.h"
#include "runner/app/exit_of_cause.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"

namespace runner {

ExitCode RunAck(Machine& machine, const GlobalOptions& global, const AckOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto selected = SelectTargets(loaded->config, {options.target});
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  const targets::Target* target = targets::FindTarget(loaded->config, selected->front());
  const auto session = Session::Open(machine, loaded->config);
  if (!session) {
    PrintError(machine, session.error());
    return ExitCode::kFailed;
  }
  const Answer answer = options.discard ? Answer::kDiscard : Answer::kAccept;
  const auto done = (*session)->acknowledgement().Run(*target, answer, machine.stop);
  if (!done) {
    PrintError(machine, {done.error().reason, done.error().hint});
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitOfCause(done.error().cause);
  }
  machine.console.Out(target->id.str() + ": " + *done + "\n");
  return ExitCode::kDone;
}

}  // namespace runner
