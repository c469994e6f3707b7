#pragma once

#include <string>

namespace targets {

/// Where `json` breaks schemas/plan.schema.json ("" if it does not): "#/targets/0/state: enum".
std::string BreaksPlanSchema(const std::string& json);

}  // namespace targets
