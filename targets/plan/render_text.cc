#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "targets/base/text.h"
#include "targets/plan/render.h"

namespace targets {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::size_t kLabelWidth = 12;     // "  on success "
constexpr std::size_t kWidestValue = 40;    // a longer one pushes its origin to the right
constexpr std::size_t kMostSnapshots = 30;  // lines for each target
constexpr std::size_t kIndent = kLabelWidth + 3;

std::string_view StateText(SourceState state) {
  switch (state) {
    case SourceState::kNotChecked:
      return "not checked";
    case SourceState::kMissing:
      return "MISSING";
    case SourceState::kUnreadable:
      return "UNREADABLE";
    case SourceState::kEmpty:
      return "empty";
    case SourceState::kHasData:
      return "has data";
    case SourceState::kHalfRestored:
      return "HALF RESTORED";
  }
  return "";
}

std::string_view StateColor(SourceState state) {
  switch (state) {
    case SourceState::kNotChecked:
      return kDim;
    case SourceState::kMissing:
    case SourceState::kUnreadable:
      return kRed;
    case SourceState::kEmpty:
    case SourceState::kHalfRestored:
      return kYellow;
    case SourceState::kHasData:
      return kGreen;
  }
  return "";
}

/// "/targets/photos/retention/daily" below "/targets/photos/" as "retention.daily".
std::string Dotted(std::string_view pointer, std::size_t prefix) {
  std::string text(pointer.substr(std::min(prefix, pointer.size())));
  std::replace(text.begin(), text.end(), '/', '.');
  return text;
}

class TextRenderer {
 public:
  TextRenderer(const Plan& plan, const Redactor& redactor, const RenderOptions& options)
      : plan_(plan), redactor_(redactor), options_(options) {}

  std::string Render() {
    Head();
    for (const PlanTarget& target : plan_.targets) Target(target);
    Maintenance();
    OtherWarnings();
    OtherEffective();
    Foot();
    return std::move(out_);
  }

 private:
  void Put(std::string_view text) { out_ += text; }

  [[nodiscard]] std::string Painted(std::string_view text, std::string_view color) const {
    if (!options_.color || color.empty()) return std::string(text);
    return fmt::format("{}{}\x1b[0m", color, text);
  }

  [[nodiscard]] std::string Clean(std::string_view text) const { return redactor_.Redact(text); }

  void Head() {
    const std::string version = plan_.version_known ? "" : " assumed";
    Put(fmt::format("instance {}, repository {} ({}), restic {}{}\n", Clean(plan_.instance.str()),
                    Clean(plan_.repository.url), plan_.repository.backend, plan_.restic_version,
                    version));
    if (!plan_.repository.machine_key.empty())
      Put(fmt::format("machine key: {}\n", Clean(plan_.repository.machine_key)));
    Put(fmt::format("as of {}", plan_.at.people));
    if (plan_.horizon) Put(fmt::format(", every run within {}", FormatDuration(*plan_.horizon)));
    Put("\n");
  }

  /// One entry of a block: a label in its own column, then text that wraps between words.
  void Line(std::string_view label, std::string_view text, std::string_view color = {}) {
    Put("  " + Painted(fmt::format("{:<{}}", label, kLabelWidth), color));
    std::size_t column = kIndent - 1;
    for (const std::string_view word : Split(text, ' ')) {
      if (column >= kIndent && column + 1 + word.size() > options_.width) {
        Put("\n" + std::string(kIndent - 1, ' '));
        column = kIndent - 1;
      }
      Put(" ");
      Put(word);
      column += 1 + word.size();
    }
    Put("\n");
  }

  /// A command line, wrapped so that it can be pasted into a shell.
  void Command(std::string_view label, const Argv& argv) {
    Put(fmt::format("  {:<{}}", label, kLabelWidth));
    std::size_t column = kIndent - 1;
    for (std::size_t i = 0; i < argv.size(); ++i) {
      std::string words = " " + ShellQuote(Clean(argv[i]));
      const bool option = argv[i].starts_with('-');
      if (option && i + 1 < argv.size() && !argv[i + 1].starts_with('-')) {
        words += " " + ShellQuote(Clean(argv[++i]));  // an option and its value stay together
      }
      if (column >= kIndent && column + words.size() + 2 > options_.width) {
        Put(" \\\n" + std::string(kIndent + 1, ' '));
        column = kIndent + 1;
      }
      Put(words);
      column += words.size();
    }
    Put("\n");
  }

  void Target(const PlanTarget& target) {
    Put(fmt::format("\n{}  {}", Painted(target.id.str(), kBold), Clean(target.source)));
    if (!target.filename.empty()) Put(" -> " + Clean(target.filename));
    if (!target.enabled) {
      Put("  " + Painted("disabled: nothing runs", kYellow) + "\n");
      return;
    }
    if (target.filename.empty()) {  // a command has no state
      Put("  " + Painted(StateText(target.state), StateColor(target.state)));
    }
    if (!target.state_detail.empty()) Put(": " + Clean(target.state_detail));
    Put("\n");
    AtStart(target.agenda);
    Line("schedule", fmt::format("{} ({})", target.schedule, target.timezone));
    Agenda(target.id.str(), target.agenda);
    Line("keeps", Clean(target.retention));
    if (target.snapshots) {
      Snapshots(*target.snapshots);
    } else if (!target.retention_preview.empty()) {
      Line("", target.retention_preview);
    }
    Line("restore rule", Clean(target.restore));
    if (!target.last_success.empty()) Line("last backup", target.last_success);
    if (!target.guards.empty()) Line("guards", Clean(Join(target.guards, "; ")));
    for (const PlanHook& hook : target.hooks) Command(hook.when, hook.argv);
    Warnings(WarningsOf(plan_, target.id));
    EffectiveOf(target.id);
  }

  /// The newest ones; --json has them all.
  void Snapshots(const std::vector<PlanSnapshot>& snapshots) {
    const auto kept = static_cast<std::size_t>(std::count_if(
        snapshots.begin(), snapshots.end(), [](const auto& one) { return one.kept; }));
    Line("retention", fmt::format("keeps {} of {} snapshot{}", kept, snapshots.size(),
                                  snapshots.size() == 1 ? "" : "s"));
    const std::size_t shown = std::min(snapshots.size(), kMostSnapshots);
    std::size_t removed_later = snapshots.size() - kept;
    for (std::size_t i = 0; i < shown; ++i) {
      const PlanSnapshot& one = snapshots[i];
      if (!one.kept) --removed_later;
      const std::string_view verb = one.kept ? "keep  " : "remove";
      Put(fmt::format("    {}  {} {}  {}{}{}\n", Painted(verb, one.kept ? kGreen : kYellow),
                      one.time.rfc3339.substr(0, 10), one.time.rfc3339.substr(11, 5),
                      one.id.str().substr(0, 8), one.kept ? "  " : "",
                      Clean(Join(one.reasons, ", "))));
    }
    if (shown == snapshots.size()) return;
    Put(fmt::format("    ... and {} more, {} of them removed; --json lists all\n",
                    snapshots.size() - shown, removed_later));
  }

  void AtStart(const PlanAgenda& agenda) {
    std::vector<std::string> names;
    for (const std::size_t index : agenda.at_start) {
      const PlanStep& step = agenda.steps[index];
      names.emplace_back(step.stage == Stage::kRestore ? "restore check" : StageName(step.stage));
    }
    if (!names.empty()) Line("at start", Join(names, ", then "));
  }

  void Agenda(const std::string& owner, const PlanAgenda& agenda) {
    std::vector<std::vector<const PlanTime*>> due(agenda.steps.size());
    for (const PlanJob& job : agenda.jobs) due[job.step].push_back(&job.due);
    for (std::size_t i = 0; i < agenda.steps.size(); ++i) {
      When(agenda.steps[i], due[i], WithoutTime(agenda, i));
      Command("", agenda.steps[i].argv);
      if (!agenda.steps[i].note.empty()) Line("", "# " + Clean(agenda.steps[i].note));
    }
    if (agenda.jobs.empty()) return;
    const PlanJob& first = agenda.jobs.front();
    if (next_ != nullptr && next_->at <= first.due.at) return;
    next_ = &first.due;
    next_name_ = owner + " " + std::string(StageName(agenda.steps[first.step].stage));
  }

  /// Why a step has no due time.
  [[nodiscard]] std::string_view WithoutTime(const PlanAgenda& agenda, std::size_t step) const {
    const auto has = [step](const std::vector<std::size_t>& steps) {
      return std::find(steps.begin(), steps.end(), step) != steps.end();
    };
    if (has(agenda.by_hand)) return "only by hand";
    if (!plan_.horizon && has(agenda.at_start)) return "only at start";
    return plan_.horizon ? "not due in this time" : "never due";
  }

  void When(const PlanStep& step, const std::vector<const PlanTime*>& due,
            std::string_view without) {
    const std::string_view name = StageName(step.stage);
    if (step.stage == Stage::kForget) {
      Line(name, "after each backup");  // at the same instants
      return;
    }
    if (due.empty()) Line(name, without);
    std::size_t width = 0;
    for (const PlanTime* time : due) width = std::max(width, time->people.size());
    for (const PlanTime* time : due) {
      const std::string padding(width - time->people.size(), ' ');
      Put(fmt::format("  {:<{}} {}{}  in {}\n", time == due.front() ? name : "", kLabelWidth,
                      time->people, padding, FormatDuration(time->at - plan_.at.at)));
    }
  }

  void Maintenance() {
    if (plan_.maintenance.steps.empty()) {
      Put("\n" + Painted("repository", kBold) + "  no jobs of its own\n");
      Costs();
      return;
    }
    Put("\n" + Painted("repository", kBold) + "\n");
    AtStart(plan_.maintenance);
    Agenda("repository", plan_.maintenance);
    Costs();
  }

  void Costs() {
    if (plan_.costs) Line("costs", DescribeCosts(*plan_.costs));
  }

  void Warnings(std::span<const PlanWarning> warnings) {
    for (const PlanWarning& warning : warnings) Line("warning", Clean(warning.text), kYellow);
  }

  /// Those that no target's block has shown.
  void OtherWarnings() {
    std::set<TargetId> shown;
    for (const PlanTarget& target : plan_.targets) {
      if (target.enabled) shown.insert(target.id);
    }
    std::vector<PlanWarning> rest;
    for (const PlanWarning& warning : plan_.warnings) {
      if (!shown.contains(warning.target)) rest.push_back(warning);
    }
    if (!rest.empty()) Put("\n");
    Warnings(rest);
  }

  /// Values with their names and where they came from, in three columns.
  void Effective(std::size_t prefix, std::span<const EffectiveValue> values) {
    std::size_t name_width = 0;
    std::size_t text_width = 0;
    for (const EffectiveValue& value : values) {
      name_width = std::max(name_width, value.pointer.size() - prefix);
      text_width = std::max(text_width, std::min(value.text.size(), kWidestValue));
    }
    for (const EffectiveValue& value : values) {
      Put(fmt::format("  {:<{}} {:<{}}  {:<{}}  {}\n", "value", kLabelWidth,
                      Clean(Dotted(value.pointer, prefix)), name_width, Clean(value.text),
                      text_width, Clean(value.origin)));
    }
  }

  void EffectiveOf(const TargetId& id) {
    const std::string prefix = "/targets/" + id.str() + "/";
    const auto first = std::lower_bound(
        plan_.effective.begin(), plan_.effective.end(), prefix,
        [](const EffectiveValue& value, const std::string& text) { return value.pointer < text; });
    const auto last = std::find_if_not(first, plan_.effective.end(), [&](const auto& value) {
      return value.pointer.starts_with(prefix);
    });
    Effective(prefix.size(), {first, last});
  }

  void OtherEffective() {
    std::vector<EffectiveValue> values;
    for (const EffectiveValue& value : plan_.effective) {
      if (!value.pointer.starts_with("/targets/")) values.push_back(value);
    }
    if (!values.empty()) Put("\n" + Painted("installation", kBold) + "\n");
    Effective(1, values);
  }

  void Foot() {
    const auto count = [](std::size_t number, std::string_view noun) {
      return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
    };
    Put(fmt::format("\n{}, {}", count(plan_.targets.size(), "target"),
                    count(plan_.warnings.size(), "warning")));
    if (next_ != nullptr) {
      Put(fmt::format("; next: {}, {}, in {}", Clean(next_name_), next_->people,
                      FormatDuration(next_->at - plan_.at.at)));
    }
    Put("\n");
  }

  const Plan& plan_;
  const Redactor& redactor_;
  const RenderOptions& options_;
  std::string out_;
  const PlanTime* next_ = nullptr;  // the earliest job of all, and whose it is
  std::string next_name_;
};

}  // namespace

std::string RenderText(const Plan& plan, const Redactor& redactor, const RenderOptions& options) {
  return TextRenderer(plan, redactor, options).Render();
}

}  // namespace targets
