#pragma once

#include <string>
#include <vector>

#include "runner/app/exit_codes.h"
#include "runner/jobs/report.h"

namespace runner {

/// The end of a command that ran jobs: one line for each, `photos  forget  success  kept 12, ...`.
std::string SummaryOf(const std::vector<JobReport>& reports);

/// The worst of them decides: a stop before a failure before a block before an incomplete backup.
ExitCode ExitOfReports(const std::vector<JobReport>& reports, const StopHandle& stop);

}  // namespace runner
