#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/doctor/input.h"
#include "runner/jobs/inspect_source.h"
#include "runner/process/process_runner.h"
#include "targets/base/redactor.h"

namespace runner {

/// What the caller knows already.
struct DoctorQuery {
  std::vector<targets::Diagnostic> warnings = {};  // of the configuration
  std::vector<SecretLook> secrets = {};
  std::string restic_program = "restic";
  std::uint32_t user = 0;
  std::map<std::string, std::string> environment = {};  // of this process
};

/// Looks at everything that Diagnose() judges: reads files, looks at the sources in children, as
/// the jobs do, and asks restic for its version. Writes nothing, uses no network. Never fails: what
/// cannot be looked at is part of the answer. `config` must outlive it.
DoctorInput CollectForDoctor(const targets::Config& config, DoctorQuery query, FileSystem& files,
                             ProcessRunner& processes, SourceInspector& inspector,
                             const targets::Redactor& redactor, const Clock& clock);

}  // namespace runner
