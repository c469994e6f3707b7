#include <fmt/format.h>

#include <algorithm>

#include "runner/http/page.h"
#include "runner/http/parts.h"
#include "runner/status/words.h"
#include "targets/base/redactor.h"
#include "targets/base/size.h"

namespace runner {
namespace {

using targets::UnixTime;

bool AnyWarning(const StatusReport& report) {
  const auto warns = [](const SubjectStatus& subject) {
    return subject.level == HealthLevel::kWarning;
  };
  return !report.others.empty() || std::ranges::any_of(report.targets, warns) ||
         std::ranges::any_of(report.repository, warns);
}

Html Verdict(const StatusReport& report) {
  const bool warned = report.healthy && AnyWarning(report);
  const char* style = !report.healthy ? "bad" : warned ? "warn" : "good";
  const char* symbol = !report.healthy ? "\u2716" : warned ? "\u25B2" : "\u2714";
  const char* word = !report.healthy ? "Unhealthy" : warned ? "Healthy, with warnings" : "Healthy";
  return Tag(
      "<div class=\"verdict {}\" role=\"status\"><h1><span aria-hidden=\"true\">{}</span> {}</h1>"
      "<p>{}</p></div>\n",
      style, symbol, word, report.summary + ".");
}

/// ": 43 %, 1.2 GiB of 3.0 GiB, about 2m left", with a bar.
Html HowFar(const Progress& progress) {
  const int percent = static_cast<int>(std::clamp(progress.fraction, 0.0, 1.0) * 100);
  std::string words = fmt::format(": {} %", percent);
  if (progress.bytes_total > 0) {
    words += fmt::format(", {} of {}", targets::FormatSize(progress.bytes_done),
                         targets::FormatSize(progress.bytes_total));
  }
  if (progress.seconds_remaining >= 0) {
    words += fmt::format(", about {} left",
                         targets::FormatDuration(targets::Duration{progress.seconds_remaining}));
  }
  return Tag("{} <progress max=\"100\" value=\"{}\" aria-hidden=\"true\"></progress>", words,
             percent);
}

class Overview {
 public:
  Overview(const Look& look, const Viewer& viewer)
      : look_(look),
        viewer_(viewer),
        report_(look.report),
        now_(look.report.time),
        zone_(look.status.zone) {}

  [[nodiscard]] Html Targets() const {
    Html rows;
    for (const SubjectStatus& target : report_.targets) rows += Row(target);
    return Tag(
        "<section aria-labelledby=\"targets\"><h2 id=\"targets\">Targets</h2>\n"
        "<table class=\"cards\"><thead><tr><th scope=\"col\">Target</th><th "
        "scope=\"col\">State</th><th scope=\"col\">Last success</th><th scope=\"col\">Next "
        "due</th><th scope=\"col\">Last 30 days</th><th scope=\"col\">Size</th><th "
        "scope=\"col\">Proven restorable</th></tr></thead>\n<tbody>\n{}</tbody></table>{}"
        "</section>\n",
        rows, HistoryError());
  }

  [[nodiscard]] Html Repository() const {
    Html rows;
    for (const SubjectStatus& stage : report_.repository) {
      rows += Tag(
          "<tr><th scope=\"row\">{}</th><td data-label=\"State\">{}{}</td><td data-label=\"Last "
          "success\">{}</td><td data-label=\"Next due\">{} {}</td></tr>\n",
          stage.name, StateBadge(stage.word, stage.level), ProblemList(stage.problems),
          MomentOrNever(stage.last_success, now_, zone_), NextDue(stage.next, now_, zone_),
          RunNow(stage));
    }
    return Tag(
        "<section aria-labelledby=\"repository\"><h2 id=\"repository\">Repository</h2>\n{}"
        "<table class=\"cards\"><thead><tr><th scope=\"col\">Job</th><th "
        "scope=\"col\">State</th><th scope=\"col\">Last success</th><th scope=\"col\">Next "
        "due</th></tr></thead>\n<tbody>\n{}</tbody></table></section>\n",
        RepositoryFigures(), rows);
  }

  [[nodiscard]] Html Running(const ProgressMap& progress) const {
    return Tag(
        "<section aria-labelledby=\"now\"><h2 id=\"now\">Now</h2>\n<div id=\"running\" "
        "aria-live=\"polite\">{}</div></section>\n",
        RunningList(report_, progress));
  }

  [[nodiscard]] Html Foot() const {
    return Tag("<p class=\"foot\">Daemon {}. As of {}.</p>\n",
               DescribeDaemon(report_.daemon, now_, zone_), zone_.FormatForPeople(now_));
  }

 private:
  [[nodiscard]] Html Row(const SubjectStatus& target) const {
    const auto strip = look_.strips.find(targets::TargetId(target.name));
    const bool known = strip != look_.strips.end();
    Html row =
        Tag("<tr data-target=\"{}\"><th scope=\"row\"><a href=\"/targets/{}\">{}</a></th><td "
            "data-label=\"State\">{}</td><td data-label=\"Last success\">{}</td><td "
            "data-label=\"Next due\">{}</td><td "
            "data-label=\"Last 30 days\">{}</td><td data-label=\"Size\">{}</td><td "
            "data-label=\"Proven restorable\">{}</td></tr>\n",
            target.name, target.name, target.name, StateBadge(target.word, target.level),
            MomentOrNever(target.last_success, now_, zone_), NextDue(target.next, now_, zone_),
            known ? StripPicture(strip->second) : Html(), known ? Size(strip->second) : Html(),
            Restorable(target));
    // The reasons need the width of the table.
    if (!target.problems.empty())
      row += Tag("<tr class=\"why\" data-why=\"{}\"><td colspan=\"7\">{}</td></tr>\n", target.name,
                 ProblemList(target.problems));
    return row;
  }

  [[nodiscard]] static Html Size(const Strip& strip) {
    const auto size = NewestSize(strip);
    if (!size) return Tag("<span class=\"quiet\">unknown</span>");
    return Tag("{} {}", targets::FormatSize(*size), GrowthPicture(strip));
  }

  [[nodiscard]] Html Restorable(const SubjectStatus& target) const {
    if (!target.has_drill && !target.last_proven_restorable)
      return Tag("<span class=\"quiet\">no drill</span>");
    return MomentOrNever(target.last_proven_restorable, now_, zone_);
  }

  /// A button, for who may press it.
  [[nodiscard]] Html RunNow(const SubjectStatus& stage) const {
    if (viewer_.rights != Viewer::Rights::kMayAct || stage.word == StatusWord::kOff) return {};
    return Tag(
        "<form method=\"post\" action=\"/actions/{}\"><input type=\"hidden\" name=\"key\" "
        "value=\"{}\"><button aria-label=\"Run now: {}\">Run now</button></form>",
        stage.name, viewer_.form_key, stage.name);
  }

  [[nodiscard]] Html HistoryError() const {
    if (look_.history_error.empty()) return {};
    return Tag("<p class=\"hint\">There are no strips: {}.</p>", look_.history_error);
  }

  [[nodiscard]] Html RepositoryFigures() const {
    const RepositoryFacts& facts = look_.status.repository_facts;
    Html figures = Figure(
        "Place", Tag("{}", targets::RedactUrlPasswords(look_.installed->config.repository.url)));
    if (facts.listed_at) {
      figures += Figure("Snapshots", Tag("{} of this instance, listed {}", facts.snapshots_listed,
                                         TimeTag(*facts.listed_at, now_, zone_)));
    }
    if (facts.stored_bytes)
      figures += Figure("Stored", Tag("{}", targets::FormatSize(*facts.stored_bytes)));
    if (facts.locks.value_or(0) > 0) {
      figures += Figure("Locks of others", Tag("{}, when the last check began", *facts.locks));
    }
    if (look_.costs)
      figures += Figure("B2, estimated", Tag("{}", targets::DescribeCosts(*look_.costs)));
    return Tag("<dl class=\"figures\">{}</dl>\n", figures);
  }

  static Html Figure(const char* name, const Html& value) {
    return Tag("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  }

  const Look& look_;
  const Viewer& viewer_;
  const StatusReport& report_;
  UnixTime now_;
  const targets::Zone& zone_;
};

Html HowToAct(const Viewer& viewer) {
  if (viewer.rights != Viewer::Rights::kOff) return {};
  return Tag(
      "<p class=\"foot\">This page only shows. With <code>server.token_file</code> in the "
      "configuration one can also act here: run, drill, acknowledge.</p>\n");
}

}  // namespace

Html RunningList(const StatusReport& report, const ProgressMap& progress) {
  Html items;
  for (const auto* subjects : {&report.targets, &report.repository}) {
    for (const SubjectStatus& subject : *subjects) {
      if (!subject.running) continue;
      const auto known =
          progress.find({subject.name, std::string(targets::StageName(subject.running->stage))});
      items += Tag("<li><strong>{}</strong> {}{}</li>", subject.name,
                   DescribeRunning(*subject.running, report.time),
                   known == progress.end() ? Html() : HowFar(known->second));
    }
  }
  if (items.empty()) return Tag("<p class=\"quiet\">Nothing runs.</p>");
  return Tag("<ul class=\"running\">{}</ul>", items);
}

Html OverviewContent(const Look& look, const ProgressMap& progress, const Viewer& viewer) {
  const Overview overview(look, viewer);
  Html content = Verdict(look.report);
  content += ProblemList(look.report.others);
  content += overview.Running(progress);
  content += overview.Targets();
  content += overview.Repository();
  content += overview.Foot();
  content += HowToAct(viewer);
  return content;
}

}  // namespace runner
