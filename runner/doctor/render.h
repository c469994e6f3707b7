#pragma once

#include <string>

#include "runner/doctor/report.h"

namespace runner {

/// One line for each finding, `WARNING  source: photos: ...`, what to do below it; the verdict
/// last.
std::string RenderDoctorText(const DoctorReport& report);

/// The document of schemas/doctor.schema.json, on one line.
std::string RenderDoctorJson(const DoctorReport& report);

}  // namespace runner
