#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runner/history/render.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using Row = std::array<std::string, 8>;
const Row kHead = {"RUN", "TARGET", "STAGE", "STARTED", "TOOK", "OUTCOME", "ADDED", "SNAPSHOT"};
constexpr std::size_t kRunColumn = 0;
constexpr std::size_t kSnapshotDigits = 8;

std::string SubjectOf(const RunRecord& run) {
  return run.target.empty() ? "repository" : run.target.str();
}

/// Tenths of a second where they matter.
std::string TookText(const std::optional<std::chrono::milliseconds>& took) {
  if (!took) return "-";
  if (*took < std::chrono::seconds{10})
    return fmt::format("{:.1f}s", static_cast<double>(took->count()) / 1000);
  return targets::FormatDuration(std::chrono::round<std::chrono::seconds>(*took));
}

Row RowOf(const RunRecord& run, const targets::Zone& zone) {
  const auto& added = run.figures.bytes_added;
  return {std::to_string(run.id),
          SubjectOf(run),
          std::string(targets::StageName(run.stage)),
          zone.FormatForPeople(run.started),
          TookText(run.took),
          run.outcome,
          added ? targets::FormatSize(*added) : "-",
          run.snapshot.empty() ? "-" : run.snapshot.str().substr(0, kSnapshotDigits)};
}

Row WidthsOf(const std::vector<Row>& rows) {
  Row widest = kHead;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].size() > widest[i].size()) widest[i] = row[i];
    }
  }
  return widest;
}

std::string LineOf(const Row& row, const Row& widest) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t width = widest[i].size();
    if (i > 0) line += "  ";
    line += i == kRunColumn ? fmt::format("{:>{}}", row[i], width)
                            : fmt::format("{:<{}}", row[i], width);
  }
  return line;
}

bool IsPlainSuccess(const RunRecord& run) {
  return run.outcome == "success" && run.cause.empty() && run.warnings.empty();
}

std::string WhyOf(const RunRecord& run) {
  if (run.outcome != "success" || !run.cause.empty()) return run.reason;
  return fmt::format("{} warning{}: {}", run.warnings.size(), run.warnings.size() == 1 ? "" : "s",
                     run.warnings.front());
}

std::string TrimEnd(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string FooterOf(const HistoryPage& page) {
  if (page.matching == 0) return "no runs\n";
  if (page.runs.size() == page.matching)
    return fmt::format("{} run{}\n", page.matching, page.matching == 1 ? "" : "s");
  return fmt::format("the last {} of {} runs; --limit {} shows all\n", page.runs.size(),
                     page.matching, page.matching);
}

std::string Count(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "?";
}

std::string Size(const std::optional<targets::Bytes>& bytes) {
  return bytes ? targets::FormatSize(*bytes) : "?";
}

/// The lines "name   value" of a run; what is not known has none.
class Lines {
 public:
  void Add(const char* name, const std::string& value) {
    if (!value.empty()) text_ += fmt::format("{:<9} {}\n", name, value);
  }
  void Add(const char* name, const std::optional<targets::UnixTime>& time,
           const targets::Zone& zone) {
    if (time) Add(name, zone.FormatForPeople(*time));
  }
  void AddList(const char* name, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text_ += fmt::format("\n{}:\n", name);
    for (const std::string& line : lines) text_ += "  " + line + "\n";
  }
  void AddFigures(const RunFigures& figures) {
    if (figures.files_total)
      Add("files", fmt::format("{} new, {} changed, {} unchanged, {} in all",
                               Count(figures.files_new), Count(figures.files_changed),
                               Count(figures.files_unmodified), Count(figures.files_total)));
    if (figures.bytes_total)
      Add("data",
          fmt::format("{} in all, {} added", Size(figures.bytes_total), Size(figures.bytes_added)));
    if (figures.cpu)
      Add("used", fmt::format("{} of processor time, {} of memory at most, {} process{}",
                              TookText(figures.cpu), Size(figures.peak_memory),
                              Count(figures.processes), figures.processes == 1U ? "" : "es"));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string RenderHistoryText(const HistoryPage& page, const targets::Zone& zone) {
  if (page.runs.empty()) return FooterOf(page);
  std::vector<Row> rows;
  for (const RunRecord& run : page.runs) rows.push_back(RowOf(run, zone));
  const Row widest = WidthsOf(rows);
  std::string out = TrimEnd(LineOf(kHead, widest)) + "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = LineOf(rows[i], widest);
    if (!IsPlainSuccess(page.runs[i])) line += "  " + WhyOf(page.runs[i]);
    out += TrimEnd(std::move(line)) + "\n";
  }
  return out + FooterOf(page);
}

std::string RenderRunText(const RunRecord& run, const targets::Zone& zone) {
  Lines lines;
  lines.Add("run", fmt::format("{}: {} of {}", run.id, targets::StageName(run.stage),
                               run.target.empty() ? "the repository" : run.target.str()));
  lines.Add("outcome", run.outcome);
  lines.Add("cause", run.cause);
  lines.Add("reason", run.reason);
  lines.Add("hint", run.hint);
  lines.Add("snapshot", run.snapshot.str());
  lines.Add("due", run.due, zone);
  lines.Add("started", run.started, zone);
  if (run.ended) {
    lines.Add("ended", run.ended, zone);
  } else {
    lines.Add("ended", std::string("nobody knows when"));
  }
  if (run.took) lines.Add("took", TookText(run.took));
  lines.AddFigures(run.figures);
  lines.AddList("warnings", run.warnings);
  lines.AddList("the last output", run.tail);
  return lines.text();
}

}  // namespace runner
