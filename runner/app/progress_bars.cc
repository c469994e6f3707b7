#include "runner/app/progress_bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace runner {
namespace {

// More would push the log off a small terminal.
constexpr std::size_t kMostBars = 8;
constexpr std::size_t kWidestName = 30;

std::string NameOf(const Progress& progress) { return progress.target + "  " + progress.stage; }

}  // namespace

ProgressBars::~ProgressBars() { console_.SetFooter({}); }

void ProgressBars::OnProgress(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  Job& job = jobs_[{progress.target, progress.stage}];
  job.progress = progress;
  job.meter.Add(clock_.Monotonic(), progress.bytes_done);
  Draw();
}

void ProgressBars::OnProgressEnd(const std::string& target, const std::string& stage) {
  const std::lock_guard lock(mutex_);
  if (jobs_.erase({target, stage}) > 0) Draw();
}

void ProgressBars::Draw() {
  std::size_t width = 0;
  for (const auto& [key, job] : jobs_) width = std::max(width, NameOf(job.progress).size());
  width = std::min(width, kWidestName);
  const std::size_t columns = console_.Columns();
  std::vector<std::string> lines;
  for (const auto& [key, job] : jobs_) {
    if (lines.size() == kMostBars) break;
    const std::string name = NameOf(job.progress).substr(0, width);
    lines.push_back(ProgressBar(fmt::format("{:<{}}", name, width), job.progress,
                                job.meter.BytesPerSecond(), columns));
  }
  if (jobs_.size() > lines.size())
    lines.push_back(fmt::format("and {} more", jobs_.size() - lines.size()));
  console_.SetFooter(std::move(lines));
}

}  // namespace runner
