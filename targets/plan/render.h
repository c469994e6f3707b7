#pragma once

#include <cstddef>
#include <string>

#include "targets/base/redactor.h"
#include "targets/plan/plan.h"

namespace targets {

struct RenderOptions {
  bool color = false;
  std::size_t width = 100;  // command lines wrap before this column where a word ends
};

/// The plan for people. Command lines wrap with backslashes, so that they can be pasted into a
/// shell. Every text of the plan passes `redactor` before it is quoted.
std::string RenderText(const Plan& plan, const Redactor& redactor, const RenderOptions& options);

/// The plan for programs: schemas/plan.schema.json. Ends with a newline.
std::string RenderJson(const Plan& plan, const Redactor& redactor);

}  // namespace targets
