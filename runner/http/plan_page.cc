#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runner/http/parts.h"
#include "runner/http/target_page.h"

namespace runner {
namespace {

using targets::PlanAgenda;
using targets::PlanJob;
using targets::Stage;
using targets::UnixTime;
using targets::Zone;

constexpr std::size_t kListed = 50;
constexpr int kWidth = 700;  // of the time line, in units of the picture

struct Entry {
  UnixTime due{};
  std::string people;
  std::string who;
  Stage stage = Stage::kBackup;
};

UnixTime Local(UnixTime time, const Zone& zone) { return time + zone.OffsetAt(time); }

/// Ticks of one agenda: a long one for a backup or a job of the repository, short ones for the
/// rest.
class TimeLine {
 public:
  TimeLine(UnixTime now, const Zone& zone)
      : zone_(zone), start_(std::chrono::floor<std::chrono::days>(Local(now, zone))) {}

  [[nodiscard]] Html Picture(const PlanAgenda& agenda, UnixTime now) const {
    std::set<int> tall;
    std::set<int> small;
    for (const PlanJob& job : agenda.jobs) {
      const Stage stage = agenda.steps[job.step].stage;
      const bool minor =
          stage == Stage::kRestore || stage == Stage::kForget || stage == Stage::kProbe;
      (minor ? small : tall).insert(At(job.due.at));
    }
    return Tag(
        "<svg class=\"line\" viewBox=\"0 0 {} 20\" preserveAspectRatio=\"none\" role=\"img\" "
        "aria-label=\"{} runs\"><path class=\"grid\" d=\"{}\"/><path class=\"now\" "
        "d=\"M{} 0v20\"/><path class=\"small\" d=\"{}\"/><path class=\"tall\" d=\"{}\"/></svg>",
        kWidth, agenda.jobs.size(), Grid(), At(now), Path(small, "14v5"), Path(tall, "3v16"));
  }

  /// "Tue 24", ...: one for each day.
  [[nodiscard]] Html Days() const {
    Html days;
    for (int day = 0; day < kPlanDays; ++day) {
      const UnixTime noon = start_ + std::chrono::days(day) + std::chrono::hours(12);
      // Local times taken as UTC are shown as what they are.
      const std::string text = Zone().FormatForPeople(noon);  // "Tue 2026-11-24 12:00 UTC"
      days += Tag("<span>{}</span>", text.substr(0, 4) + text.substr(12, 2));
    }
    return Tag("<span class=\"days\">{}</span>", days);
  }

 private:
  [[nodiscard]] int At(UnixTime time) const {
    const auto seconds = (Local(time, zone_) - start_).count();
    return static_cast<int>(seconds * kWidth / (std::int64_t{kPlanDays} * 86'400));
  }
  static std::string Path(const std::set<int>& places, const char* shape) {
    std::string path;
    for (const int place : places) {
      if (place >= 0 && place <= kWidth) path += fmt::format("M{} {}", place, shape);
    }
    return path;
  }
  static std::string Grid() {
    std::string path;
    for (int day = 1; day < kPlanDays; ++day)
      path += fmt::format("M{} 0v20", day * kWidth / kPlanDays);
    return path;
  }

  const Zone& zone_;
  UnixTime start_;  // today's midnight, as local clocks count
};

void AddEntries(const PlanAgenda& agenda, const std::string& who, std::vector<Entry>& entries) {
  for (const PlanJob& job : agenda.jobs) {
    const Stage stage = agenda.steps[job.step].stage;
    // One an hour would hide everything else.
    if (stage != Stage::kProbe) entries.push_back({job.due.at, job.due.people, who, stage});
  }
}

Html List(std::vector<Entry> entries) {
  std::ranges::stable_sort(entries, {}, &Entry::due);
  const std::size_t all = entries.size();
  entries.resize(std::min(all, kListed));
  Html rows;
  for (const Entry& entry : entries) {
    rows +=
        Tag("<tr><th scope=\"row\">{}</th><td data-label=\"Who\">{}</td><td "
            "data-label=\"What\">{}</td></tr>\n",
            entry.people, entry.who, targets::StageName(entry.stage));
  }
  return Tag(
      "<h2 id=\"list\">What comes first</h2>\n<p class=\"quiet\">{} of {} runs, without the "
      "probes.</p>\n<table "
      "class=\"cards\"><thead><tr><th scope=\"col\">When</th><th scope=\"col\">Who</th><th "
      "scope=\"col\">What</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
      entries.size(), all, rows);
}

}  // namespace

UnixTime StartOfToday(UnixTime now, const Zone& zone) {
  const UnixTime local = std::chrono::floor<std::chrono::days>(Local(now, zone));
  return local - zone.OffsetAt(local - zone.OffsetAt(now));
}

Html PlanContent(const targets::Plan& plan, UnixTime now, const Zone& zone) {
  const TimeLine line(now, zone);
  std::vector<Entry> entries;
  Html rows;
  const auto add = [&](const std::string& name, const Html& title, const PlanAgenda& agenda) {
    rows +=
        Tag("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", title, line.Picture(agenda, now));
    AddEntries(agenda, name, entries);
  };
  for (const targets::PlanTarget& target : plan.targets) {
    add(target.id.str(), Tag("<a href=\"/targets/{}\">{}</a>", target.id.str(), target.id.str()),
        target.agenda);
  }
  add("repository", Tag("repository"), plan.maintenance);
  Html content = Tag(
      "<h1>The next seven days</h1>\n<p class=\"quiet\">Long ticks are backups, drills and the "
      "repository's prune and check; short ones are restore checks, forgets and probes. Times of "
      "{}.</p>\n<table class=\"lines\"><thead><tr><th scope=\"col\">Target</th><th "
      "scope=\"col\">{}</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
      zone.name(), line.Days(), rows);
  content += List(std::move(entries));
  return content;
}

}  // namespace runner
