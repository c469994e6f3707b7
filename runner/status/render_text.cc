#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runner/status/render.h"
#include "runner/status/words.h"

namespace runner {
namespace {

using targets::UnixTime;

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kBold = "\x1b[1m";

constexpr std::size_t kStateColumn = 1;
constexpr std::size_t kRestorableColumn = 5;
using Row = std::array<std::string, 7>;
const Row kHead = {"TARGET", "STATE",      "LAST SUCCESS", "NEXT DUE",
                   "PROVEN", "RESTORABLE", "RUNNING"};

/// What is wrong shouts.
std::string WordText(StatusWord word) {
  std::string text(StatusWordName(word));
  std::replace(text.begin(), text.end(), '_', ' ');
  if (word >= StatusWord::kNoSource) {
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return text;
}

std::string_view ColorOf(const SubjectStatus& subject) {
  if (subject.level == HealthLevel::kUnhealthy) return kRed;
  if (subject.word == StatusWord::kRunning) return kCyan;
  if (subject.level == HealthLevel::kWarning) return kYellow;
  return subject.word == StatusWord::kOk ? kGreen : kDim;
}

std::string NextText(const std::optional<NextRun>& next, UnixTime now, const targets::Zone& zone) {
  if (!next) return "-";
  switch (next->kind) {
    case NextKind::kNever:
      return "only by hand";
    case NextKind::kAfterRun:
      return "after this run";
    case NextKind::kOverdue:
      return fmt::format("overdue since {}", Age(*next->at, now));
    case NextKind::kRetry:
      return fmt::format("{} (retry {} of {})", Moment(*next->at, now, zone), next->retry,
                         kRetriesInSlot);
    case NextKind::kScheduled:
      return Moment(*next->at, now, zone);
  }
  return "-";
}

/// When a drill proved that it can be restored.
std::string RestorableText(const SubjectStatus& subject, UnixTime now) {
  if (subject.last_proven_restorable) return Age(*subject.last_proven_restorable, now) + " ago";
  return subject.has_drill ? "never" : "";
}

/// Without any drill its column would be a riddle.
bool AnyDrill(const StatusReport& report) {
  return std::ranges::any_of(report.targets, [](const SubjectStatus& target) {
    return target.has_drill || target.last_proven_restorable;
  });
}

class TextRenderer {
 public:
  TextRenderer(const StatusReport& report, const targets::Zone& zone, Paint paint)
      : report_(report), zone_(zone), paint_(paint), any_drill_(AnyDrill(report)) {}

  std::string Render() {
    Measure(kHead);
    for (const auto* subjects : {&report_.targets, &report_.repository}) {
      for (const SubjectStatus& subject : *subjects) Measure(RowOf(subject));
    }
    if (!report_.targets.empty()) Line(kHead, kBold, kBold);
    for (const SubjectStatus& target : report_.targets) Subject(target);
    if (!report_.repository.empty()) {
      out_ += "\n" + Painted("REPOSITORY", kBold) + "\n";
      for (const SubjectStatus& stage : report_.repository) Subject(stage);
    }
    out_ += fmt::format("\ndaemon: {}\n", DescribeDaemon(report_.daemon, report_.time, zone_));
    Problems(report_.others);
    out_ += fmt::format(
        "{}: {}\n",
        Painted(report_.healthy ? "HEALTHY" : "UNHEALTHY", report_.healthy ? kGreen : kRed),
        report_.summary);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string Painted(std::string_view text, std::string_view color) const {
    if (paint_ == Paint::kPlain) return std::string(text);
    return fmt::format("{}{}\x1b[0m", color, text);
  }

  [[nodiscard]] Row RowOf(const SubjectStatus& subject) const {
    const UnixTime now = report_.time;
    const bool idle = subject.word == StatusWord::kDisabled || subject.word == StatusWord::kOff;
    return {subject.name,
            WordText(subject.word),
            subject.last_success ? Age(*subject.last_success, now) + " ago"
            : idle               ? "-"
                                 : "never",
            NextText(subject.next, now, zone_),
            subject.snapshots ? std::to_string(*subject.snapshots) : "",
            RestorableText(subject, now),
            subject.running ? DescribeRunning(*subject.running, now) : ""};
  }

  void Measure(const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], row[i].size());
  }

  /// Painted after it was padded, so that no colour shifts a column.
  void Line(const Row& row, std::string_view color, std::string_view rest) {
    std::size_t last = row.size();
    while (last > 1 && row[last - 1].empty()) --last;
    for (std::size_t i = 0; i < last; ++i) {
      if (i == kRestorableColumn && !any_drill_) continue;
      const std::string cell =
          i + 1 == last ? row[i] : fmt::format("{:<{}}", row[i], widths_[i] + 2);
      const std::string_view paint = i == kStateColumn ? color : rest;
      out_ += paint.empty() ? cell : Painted(cell, paint);
    }
    out_ += "\n";
  }

  void Subject(const SubjectStatus& subject) {
    Line(RowOf(subject), ColorOf(subject), "");
    Problems(subject.problems);
  }

  void Problems(const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
      const bool red = problem.finding.level == HealthLevel::kUnhealthy;
      out_ += fmt::format("  {} {}\n", Painted(red ? "!" : "-", red ? kRed : kYellow),
                          problem.finding.message);
      if (!problem.hint.empty()) out_ += fmt::format("    hint: {}\n", problem.hint);
    }
  }

  const StatusReport& report_;
  const targets::Zone& zone_;
  Paint paint_;
  bool any_drill_;
  std::array<std::size_t, std::tuple_size_v<Row>> widths_{};
  std::string out_;
};

}  // namespace

std::string RenderStatusText(const StatusReport& report, const targets::Zone& zone, Paint paint) {
  return TextRenderer(report, zone, paint).Render();
}

}  // namespace runner
