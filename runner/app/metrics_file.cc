#include "runner/app/metrics_file.h"

#include <fmt/format.h>

#include "targets/base/text.h"

namespace runner {
namespace {

constexpr std::size_t kLongestReason = 300;

/// What PrintError() wrote, without the warnings before it; a mistake in the configuration comes
/// without that word.
std::string_view ErrorIn(std::string_view said) {
  constexpr std::string_view kWord = "runner: ";
  const std::size_t at = said.rfind(kWord);
  const bool begins_a_line = at == 0 || (at != std::string_view::npos && said[at - 1] == '\n');
  return begins_a_line ? said.substr(at + kWord.size()) : said;
}

std::string WhyOf(const ProcessResult& result) {
  if (const auto* failed = std::get_if<NotStarted>(&result.status)) return failed->reason;
  if (result.stop_cause == StopCause::kDeadline)
    return fmt::format("no answer in {} s", MetricsFile::kPatience.count());
  const std::string said = targets::OneLine(ErrorIn(result.stderr_tail), kLongestReason);
  if (!said.empty()) return said;
  if (const auto* ended = std::get_if<Signalled>(&result.status))
    return fmt::format("ended by signal {}", ended->signal);
  return fmt::format("exit code {}", std::get<Exited>(result.status).code);
}

}  // namespace

void MetricsFile::Write(const std::string& path, Observer& observer) {
  const std::lock_guard lock(mutex_);
  ProcessSpec spec;
  spec.argv = {self_};
  if (global_.config) spec.argv.insert(spec.argv.end(), {"--config", *global_.config});
  spec.argv.insert(spec.argv.end(), {"metrics", "--output", path});
  spec.watch.max_runtime = kPatience;
  spec.stop = {std::chrono::seconds(1), std::chrono::seconds(1)};
  const ProcessResult result = processes_.Run(std::move(spec));
  const bool good = result.Succeeded();
  if (!good && !complained_ && result.stop_cause != StopCause::kRequested)
    observer.OnEvent({Severity::kWarning, "metrics", "",
                      fmt::format("{} is not written: {}", path, WhyOf(result))});
  complained_ = !good;
}

}  // namespace runner
