#include "runner/app/progress_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "targets/base/size.h"
#include "targets/base/time.h"

namespace runner {
namespace {

constexpr std::chrono::seconds kWindow{15};
constexpr std::size_t kBarWidth = 20;
// Below this a bar would leave no room for the figures.
constexpr std::size_t kRoomForABar = 70;

std::optional<long long> SecondsLeft(const Progress& progress, std::optional<double> rate) {
  if (progress.seconds_remaining >= 0) return progress.seconds_remaining;
  if (!rate || *rate < 1 || progress.bytes_total < progress.bytes_done) return std::nullopt;
  const auto left = static_cast<double>(progress.bytes_total - progress.bytes_done);
  return std::llround(std::min(left / *rate, 1e9));
}

std::string Bar(double fraction) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(kBarWidth));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "]";
}

int Percent(const Progress& progress) {
  return static_cast<int>(100 * std::clamp(progress.fraction, 0.0, 1.0));
}

/// "3.5 GiB of 7.4 GiB, 11.2 MiB/s, 5m40s left"
std::string Amounts(const Progress& progress, std::optional<double> rate) {
  std::string text = targets::FormatSize(progress.bytes_done);
  if (progress.bytes_total > 0) text += " of " + targets::FormatSize(progress.bytes_total);
  if (rate) text += fmt::format(", {}/s", targets::FormatSize(static_cast<targets::Bytes>(*rate)));
  const auto left = SecondsLeft(progress, rate);
  if (left && progress.bytes_total > 0)
    text += fmt::format(", {} left", targets::FormatDuration(targets::Duration(*left)));
  return text;
}

}  // namespace

void ProgressMeter::Add(MonotonicTime time, unsigned long long bytes_done) {
  // Another run of the same job begins at nothing again.
  if (!samples_.empty() && bytes_done < samples_.back().bytes) samples_.clear();
  samples_.push_back({time, bytes_done});
  while (samples_.size() > 2 && time - samples_[1].time >= kWindow) samples_.pop_front();
}

std::optional<double> ProgressMeter::BytesPerSecond() const {
  if (samples_.empty()) return std::nullopt;
  const std::chrono::duration<double> time = samples_.back().time - samples_.front().time;
  if (time < std::chrono::seconds(1)) return std::nullopt;
  return static_cast<double>(samples_.back().bytes - samples_.front().bytes) / time.count();
}

std::string ProgressText(const Progress& progress, std::optional<double> bytes_per_second) {
  const std::string amounts = Amounts(progress, bytes_per_second);
  return progress.bytes_total > 0 ? fmt::format("{} %, {}", Percent(progress), amounts) : amounts;
}

std::string ProgressBar(const std::string& name, const Progress& progress,
                        std::optional<double> bytes_per_second, std::size_t columns) {
  std::string line = name + "  ";
  if (progress.bytes_total > 0) {
    if (columns >= kRoomForABar) line += Bar(progress.fraction) + " ";
    line += fmt::format("{:3} %  ", Percent(progress));
  }
  return line.append(Amounts(progress, bytes_per_second)).substr(0, columns);
}

}  // namespace runner
