#include "runner/jobs/storage_verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/text.h"

namespace runner {
namespace {

using targets::B2Finding;
using targets::B2Level;
using targets::B2Topic;

Cause CauseOf(B2Topic topic) {
  switch (topic) {
    case B2Topic::kKey:
    case B2Topic::kExpiry:
    case B2Topic::kCapability:
      return Cause::kKeyRefused;
    case B2Topic::kBucket:
      return Cause::kBucketAbsent;
    case B2Topic::kSettings:
      break;
  }
  return Cause::kUnknown;
}

Failure FailureOf(const B2Finding& finding) {
  return {CauseOf(finding.topic), targets::OneLine(finding.message), finding.remedy, {}};
}

/// The first error, and how many more there are.
std::optional<Failure> FirstError(const std::vector<B2Finding>& findings) {
  const auto first = std::ranges::find(findings, B2Level::kError, &B2Finding::level);
  if (first == findings.end()) return std::nullopt;
  Failure failure = FailureOf(*first);
  const auto more = std::ranges::count(findings, B2Level::kError, &B2Finding::level) - 1;
  if (more > 0) failure.reason += fmt::format(" (and {} more: see `runner doctor`)", more);
  return failure;
}

}  // namespace

StorageVerdict JudgeStorage(const B2Look& look) {
  StorageVerdict verdict;
  if (look.failure && look.failure->cause != Cause::kInterrupted) {
    const bool certain =
        look.failure->cause == Cause::kKeyRefused || look.failure->cause == Cause::kCapExceeded;
    if (certain) {
      verdict.failure = look.failure;
    } else {
      verdict.remarks.push_back(look.failure->reason);
    }
  }
  if (!verdict.failure) verdict.failure = FirstError(look.findings);
  for (const B2Finding& finding : look.findings) {
    if (finding.level != B2Level::kWarning) continue;
    if (finding.topic == B2Topic::kExpiry) {
      verdict.warning = FailureOf(finding);
    } else if (look.asked) {
      verdict.remarks.push_back(finding.message + "; do: " + finding.remedy);
    }
  }
  return verdict;
}

Failure Explained(const Failure& restic, const Failure& provider) {
  Failure failure = provider;
  failure.reason = targets::OneLine(fmt::format("{}; restic: {}", provider.reason, restic.reason));
  return failure;
}

}  // namespace runner
