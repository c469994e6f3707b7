#include "targets/config/problems.h"

#include <algorithm>

namespace targets {

void Problems::Add(Problem problem) {
  if (truncated_) return;
  const bool known = std::any_of(all_.begin(), all_.end(), [&](const Problem& other) {
    return other.where == problem.where && other.message == problem.message;
  });
  if (known) return;
  if (all_.size() >= kMaxProblems) {
    truncated_ = true;
    return;
  }
  all_.push_back(std::move(problem));
}

void Problems::Error(ValueOrigin where, PointAt point_at, std::string message, std::string hint) {
  Add({DiagnosticSeverity::kError, std::move(where), point_at, std::move(message),
       std::move(hint)});
}

void Problems::Warning(ValueOrigin where, PointAt point_at, std::string message, std::string hint) {
  Add({DiagnosticSeverity::kWarning, std::move(where), point_at, std::move(message),
       std::move(hint)});
}

bool Problems::HasErrors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Problem& problem) {
    return problem.severity == DiagnosticSeverity::kError;
  });
}

bool Problems::HasErrorsBelow(const std::string& pointer) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Problem& problem) {
    if (problem.severity != DiagnosticSeverity::kError) return false;
    if (problem.where.kind != ValueOrigin::Kind::kFile) return false;
    const std::string& at = problem.where.name;
    return at == pointer || at.starts_with(pointer + "/");
  });
}

}  // namespace targets
