#pragma once

#include <span>
#include <string_view>

#include "runner/restic/failure.h"

namespace runner {

/// Which part of a line of evidence a rule looks at.
enum class Where { kWhole, kStart, kEnd, kAnywhere };

/// One text of restic, of a client inside it or of a server behind it, and what it means.
struct Rule {
  Cause cause;
  Where where;
  std::string_view text;
  std::string_view hint = {};  // empty: the cause's own
};

bool Matches(const Rule& rule, std::string_view line);

/// Texts of restic 0.14 to 0.19. The first rule that matches any line decides, so the order is that
/// of the rules, not of the lines.
std::span<const Rule> FailureRules();

}  // namespace runner
