#include "runner/http/target_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/history/render.h"
#include "runner/http/parts.h"
#include "runner/jobs/report.h"
#include "runner/status/explain.h"
#include "targets/base/size.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Target;
using targets::Zone;

constexpr std::size_t kIdShown = 8;

const SubjectStatus* Find(const StatusReport& report, const targets::TargetId& id) {
  const auto found = std::ranges::find(report.targets, id.str(), &SubjectStatus::name);
  return found == report.targets.end() ? nullptr : &*found;
}

Html OutcomeBadge(const std::string& outcome) {
  const bool good = outcome == JobOutcomeName(JobOutcome::kSuccess);
  const bool bad = outcome == JobOutcomeName(JobOutcome::kFailed) ||
                   outcome == JobOutcomeName(JobOutcome::kBlocked);
  return Tag("<span class=\"state {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
             good  ? "good"
             : bad ? "bad"
                   : "warn",
             good  ? "\u2714"
             : bad ? "\u2716"
                   : "\u25B2",
             outcome);
}

std::string Length(const RunRecord& run) {
  if (!run.took) return "";
  return targets::FormatDuration(std::chrono::round<std::chrono::seconds>(*run.took));
}

Html RunRow(const RunRecord& run, const Zone& zone) {
  return Tag(
      "<tr><th scope=\"row\"><a href=\"/runs/{}\">{}</a></th><td data-label=\"Stage\">{}</td><td "
      "data-label=\"Outcome\">{}</td><td data-label=\"Took\">{}</td><td data-label=\"New "
      "data\">{}</td><td data-label=\"Why\">{}</td></tr>\n",
      run.id, zone.FormatForPeople(run.started), targets::StageName(run.stage),
      OutcomeBadge(run.outcome), Length(run),
      run.figures.bytes_added ? targets::FormatSize(*run.figures.bytes_added) : std::string(),
      run.reason);
}

Html Runs(const HistoryPage& page, const Zone& zone) {
  if (page.runs.empty())
    return Tag("<h2 id=\"runs\">Runs</h2>\n<p class=\"quiet\">There was none yet.</p>\n");
  Html rows;
  for (auto run = page.runs.rbegin(); run != page.runs.rend(); ++run) rows += RunRow(*run, zone);
  return Tag(
      "<h2 id=\"runs\">Runs</h2>\n<p class=\"quiet\">The newest {} of {}.</p>\n<table "
      "class=\"cards\"><thead><tr><th scope=\"col\">Started</th><th scope=\"col\">Stage</th><th "
      "scope=\"col\">Outcome</th><th scope=\"col\">Took</th><th scope=\"col\">New data</th><th "
      "scope=\"col\">Why</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
      page.runs.size(), page.matching, rows);
}

Html SnapshotRow(const targets::PlanSnapshot& snapshot) {
  return Tag(
      "<tr><th scope=\"row\"><code>{}</code></th><td data-label=\"Made\">{}</td><td "
      "data-label=\"At the next forget\">{}</td><td data-label=\"Because of\">{}</td></tr>\n",
      snapshot.id.str().substr(0, kIdShown), snapshot.time.people,
      snapshot.kept ? Tag("stays") : Tag("goes"), targets::Join(snapshot.reasons, ", "));
}

Html Snapshots(const std::optional<SnapshotList>& list, const Zone& zone, targets::UnixTime now) {
  if (!list) {
    return Tag(
        "<h2 id=\"snapshots\">Snapshots</h2>\n<p class=\"quiet\">They were not listed since the "
        "daemon started; the next backup lists them. <code>runner snapshots</code> asks "
        "now.</p>\n");
  }
  Html rows;
  for (const targets::PlanSnapshot& snapshot : list->snapshots) rows += SnapshotRow(snapshot);
  return Tag(
      "<h2 id=\"snapshots\">Snapshots</h2>\n<p class=\"quiet\">{} of them, listed {}.</p>\n<table "
      "class=\"cards\"><thead><tr><th scope=\"col\">Id</th><th scope=\"col\">Made</th><th "
      "scope=\"col\">At the next forget</th><th scope=\"col\">Because of</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table>\n",
      list->snapshots.size(), TimeTag(list->listed, now, zone), rows);
}

/// Its own settings, without the path that all of them begin with.
Html Settings(const Installed& installed, const targets::TargetId& id,
              const targets::Redactor& redactor) {
  const std::string prefix = "/targets/" + id.str() + "/";
  Html rows;
  for (const targets::EffectiveValue& value : installed.effective) {
    if (!value.pointer.starts_with(prefix)) continue;
    std::string name = value.pointer.substr(prefix.size());
    std::ranges::replace(name, '/', '.');
    rows += Tag(
        "<tr><th scope=\"row\"><code>{}</code></th><td data-label=\"Value\"><code>{}</code></td>"
        "<td data-label=\"From\">{}</td></tr>\n",
        name, redactor.Redact(value.text), value.origin);
  }
  return Tag(
      "<h2 id=\"settings\">Settings in force</h2>\n<table class=\"cards\"><thead><tr><th "
      "scope=\"col\">Key</th><th scope=\"col\">Value</th><th scope=\"col\">From</th></tr></thead>"
      "\n<tbody>\n{}</tbody></table>\n",
      rows);
}

Html Explanation(const Look& look, const Target& target, const targets::Redactor& redactor) {
  std::string text;
  for (const std::string& line : ExplainTarget(look.status, target))
    text += redactor.Redact(line) + "\n";
  return Tag(
      "<h2 id=\"explain\">Why</h2>\n<pre tabindex=\"0\" aria-labelledby=\"explain\">{}</pre>\n",
      text);
}

Html Button(const char* action, const Target& target, const char* more, const char* words,
            const Viewer& viewer) {
  return Tag(
      "<form method=\"post\" action=\"/actions/{}\"><input type=\"hidden\" name=\"key\" "
      "value=\"{}\"><input type=\"hidden\" name=\"target\" value=\"{}\"><input type=\"hidden\" "
      "name=\"verdict\" value=\"{}\"><button>{}</button></form>",
      action, viewer.form_key, target.id.str(), more, words);
}

Html Buttons(const Look& look, const Target& target, const Viewer& viewer) {
  if (viewer.rights != Viewer::Rights::kMayAct || !target.enabled) return {};
  Html buttons = Button("run", target, "", "Back up now", viewer);
  if (target.drill) buttons += Button("drill", target, "", "Prove that it can be restored", viewer);
  const auto known = std::ranges::find(look.status.health.targets, target.id, &TargetInput::id);
  if (known != look.status.health.targets.end() && !known->facts.quarantined.empty()) {
    buttons += Button("ack", target, "accept", "The suspicious snapshot is right", viewer);
    buttons += Button("ack", target, "discard", "It is wrong: discard it", viewer);
  }
  return Tag("<div class=\"actions\">{}</div>\n", buttons);
}

}  // namespace

Html TargetContent(const Look& look, const Target& target, const HistoryPage& runs,
                   const std::optional<SnapshotList>& snapshots, const targets::Redactor& redactor,
                   const Viewer& viewer) {
  const SubjectStatus* status = Find(look.report, target.id);
  const auto strip = look.strips.find(target.id);
  Html content = Tag("<h1>{}</h1>\n", target.id.str());
  if (status != nullptr) {
    content += Tag("<p>{}</p>\n{}", StateBadge(status->word, status->level),
                   ProblemList(status->problems));
  }
  if (strip != look.strips.end())
    content += Tag("<p>{} {}</p>\n", StripPicture(strip->second), GrowthPicture(strip->second));
  content += Buttons(look, target, viewer);
  content += Explanation(look, target, redactor);
  content += Runs(runs, look.status.zone);
  content += Snapshots(snapshots, look.status.zone, look.report.time);
  content += Settings(*look.installed, target.id, redactor);
  return content;
}

Html RunContent(const RunRecord& run, const Zone& zone) {
  const std::string whose = run.target.empty() ? "repository" : run.target.str();
  return Tag("<h1>Run {}: {} {}</h1>\n<p>{}</p>\n<pre tabindex=\"0\">{}</pre>\n", run.id, whose,
             targets::StageName(run.stage), OutcomeBadge(run.outcome), RenderRunText(run, zone));
}

}  // namespace runner
