#include "runner/notify/verdicts.h"

#include <algorithm>

#include "runner/health/evaluate.h"

namespace runner {
namespace {

constexpr std::size_t kMostLines = 10;

std::string ReasonOf(const SubjectHealth& subject) {
  std::string reason;
  for (const Finding& finding : subject.findings) {
    if (finding.level != HealthLevel::kUnhealthy) continue;
    reason += (reason.empty() ? "" : "; ") + finding.message;
  }
  return reason;
}

/// What the markers advise.
std::string HintsOf(const std::vector<StageInput>& stages) {
  std::string hints;
  for (const StageInput& stage : stages) {
    if (!stage.marker) continue;
    const bool bad = stage.marker->status == MarkerStatus::kFailed ||
                     stage.marker->status == MarkerStatus::kBlocked;
    const std::string hint = stage.marker->Detail(marker_key::kHint);
    if (bad && !hint.empty()) hints += "hint: " + hint + "\n";
  }
  return hints;
}

std::string LastLines(const KnownErrors& errors) {
  const std::size_t count = errors.lines.size();
  std::string text;
  for (std::size_t i = count - std::min(count, kMostLines); i < count; ++i)
    text += "restic: " + errors.lines[i].text + "\n";
  return text;
}

Verdict VerdictOf(const SubjectHealth& subject) {
  if (!subject.Healthy()) return {subject.name, Light::kRed, ReasonOf(subject)};
  return {subject.name, subject.running ? Light::kUnsettled : Light::kGreen};
}

}  // namespace

std::vector<Verdict> VerdictsOf(const HealthReport& report, const HealthInput& input) {
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    Verdict verdict = VerdictOf(report.targets[i]);
    const TargetInput& known = input.targets[i];
    if (verdict.light == Light::kRed)
      verdict.details = HintsOf(known.stages) + LastLines(known.errors);
    verdicts.push_back(std::move(verdict));
  }
  for (const SubjectHealth& other : report.others) {
    if (other.name == "daemon") continue;
    Verdict verdict = VerdictOf(other);
    if (verdict.light == Light::kRed && other.name == "repository")
      verdict.details = HintsOf(input.repository) + LastLines(input.repository_errors);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

targets::UnixTime NextLook(HealthInput input) {
  constexpr targets::Duration kStep{15 * 60};
  const auto lights = [&input] {
    std::vector<Light> seen;
    for (const Verdict& verdict : VerdictsOf(Evaluate(input), input)) seen.push_back(verdict.light);
    return seen;
  };
  const std::vector<Light> before = lights();
  const targets::UnixTime last = input.now + kLongestRest;
  do {
    input.now += kStep;
  } while (input.now < last && lights() == before);
  return input.now;
}

}  // namespace runner
