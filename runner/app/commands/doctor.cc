#include <unistd.h>

#include "runner/app/b2_connection.h"
#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/app/machine_keys.h"
#include "runner/app/secrets.h"
#include "runner/app/session.h"
#include "runner/doctor/collect.h"
#include "runner/doctor/render.h"
#include "runner/keys/key_words.h"

namespace runner {

ExitCode RunDoctor(Machine& machine, const GlobalOptions& global, const DoctorOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  DoctorQuery query;
  query.warnings = loaded->warnings;
  SecretsLook secrets = LookAtSecrets(loaded->config, machine.files, machine.processes);
  query.secrets = std::move(secrets.looks);
  targets::Redactor redactor = machine.console.redactor();
  AddSecrets(loaded->config, secrets.found, redactor);
  machine.console.SetRedactor(redactor);
  query.restic_program = ResticProgram(machine);
  query.user = geteuid();
  query.environment = machine.environment;
  SourceInspector inspector(machine.processes, loaded->config, machine.self);
  DoctorInput input = CollectForDoctor(loaded->config, std::move(query), machine.files,
                                       machine.processes, inspector, redactor, machine.clock);
  input.machine_key = KeyWords(loaded->config, KeyRecords(machine.files, loaded->config).Read(),
                               ExpectedRepository(machine.files, loaded->config));
  if (!options.offline)
    input.storage = LookAtStorage(machine, loaded->config, secrets.found, machine.stop);
  const DoctorReport report = Diagnose(input);
  machine.console.Out(options.json ? RenderDoctorJson(report) : RenderDoctorText(report));
  if (machine.stop.Stopped()) return ExitCode::kInterrupted;
  return report.ready ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace runner
