#include "targets/schedule/cron_field.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>
#include <string>

#include "targets/base/text.h"

namespace targets {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

/// What the values of a field are called and which there are. `names[0]` is the name of `low`.
struct FieldRules {
  std::string_view label;
  int low;
  int high;
  int count;  // of different values
  std::span<const std::string_view> names;
};

FieldRules RulesOf(CronFieldKind kind) {
  switch (kind) {
    case CronFieldKind::kMinute:
      return {"minute", 0, 59, 60, {}};
    case CronFieldKind::kHour:
      return {"hour", 0, 23, 24, {}};
    case CronFieldKind::kDayOfMonth:
      return {"day of month", 1, 31, 31, {}};
    case CronFieldKind::kMonth:
      return {"month", 1, 12, 12, kMonths};
    case CronFieldKind::kDayOfWeek:
      break;
  }
  return {"day of week", 0, 7, 7, kWeekdays};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The digits as a number, held at 9999 so that no length of input overflows; nullopt: not digits
/// alone.
std::optional<int> ReadNumber(std::string_view text) {
  constexpr int kLarge = 9999;
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kLarge);
  }
  return value;
}

std::optional<int> ReadName(std::string_view text, const FieldRules& rules) {
  const std::string word = Lower(text);
  for (std::size_t i = 0; i < rules.names.size(); ++i) {
    if (word == rules.names[i]) return rules.low + static_cast<int>(i);
  }
  return std::nullopt;
}

/// What to write instead of something that is neither a number nor a name of the field.
std::string HintForWord(std::string_view text, const FieldRules& rules) {
  if (text == "?") return "write * for \"any\"";
  if (text.find('#') != text.npos) {
    return "\"the nth weekday\" is not part of cron, and neither is a # comment";
  }
  if (text == "L" || text == "W" || text == "LW") {
    return fmt::format("{} is not part of cron; for the last day of a month run on 28, or daily",
                       text);
  }
  if (text == "H" || text.starts_with("H(")) return "write a number, and spread runs with `jitter`";
  const std::string word = Lower(text);
  for (const std::string_view name : rules.names) {
    if (word.starts_with(name))
      return fmt::format("did you mean \"{}\"? names have three letters", name);
  }
  if (!rules.names.empty()) {
    return fmt::format("write {}-{} or a name like \"{}\"", rules.low, rules.high, rules.names[1]);
  }
  return fmt::format("write *, a number of {}-{}, a range like {}-{} or a step like */{}",
                     rules.low, rules.high, rules.low, rules.low + 4, 5);
}

Result<int> ReadValue(std::string_view text, const FieldRules& rules) {
  if (const std::optional<int> named = ReadName(text, rules)) return *named;
  const std::optional<int> number = ReadNumber(text);
  if (!number) {
    return Fail(fmt::format("{} \"{}\" is not a number", rules.label, OneLine(text, 40)),
                HintForWord(text, rules));
  }
  if (*number < rules.low || *number > rules.high) {
    return Fail(fmt::format("{} {} is not in {}-{}", rules.label, OneLine(text, 40), rules.low,
                            rules.high));
  }
  return *number;
}

Result<int> ReadStep(std::string_view text, const FieldRules& rules) {
  const std::optional<int> step = ReadNumber(text);
  if (!step) {
    return Fail(fmt::format("{} step \"{}\" is not a number", rules.label, OneLine(text, 40)),
                "write a step like */5");
  }
  if (*step < 1 || *step > rules.count) {
    return Fail(
        fmt::format("{} step {} is not in 1-{}", rules.label, OneLine(text, 40), rules.count),
        *step == 0 ? "" : "for longer periods use the next field, or `every: 90m`");
  }
  return *step;
}

/// Consecutive values, `step` apart.
struct Run {
  int first;
  int last;
  int step;
};

/// "runs backwards" with the two ranges that were meant.
tl::unexpected<Error> Backwards(std::string_view text, int first, int last,
                                const FieldRules& rules) {
  const bool to_sunday = rules.high == 7 && last == 0;
  const std::string hint = to_sunday ? fmt::format("write {}-7", first)
                                     : fmt::format("write {}-{},{}-{}", first,
                                                   rules.low + rules.count - 1, rules.low, last);
  return Fail(fmt::format("{} range {} runs backwards", rules.label, OneLine(text, 40)), hint);
}

/// `*`, `a` or `a-b`; the step is set to 1.
Result<Run> ReadRange(std::string_view text, const FieldRules& rules) {
  if (text == "*") return Run{rules.low, rules.high, 1};
  const std::size_t dash = text.find('-');
  const Result<int> first = ReadValue(text.substr(0, dash), rules);
  if (!first) return Fail(first.error());
  if (dash == text.npos) return Run{*first, *first, 1};
  const Result<int> last = ReadValue(text.substr(dash + 1), rules);
  if (!last) return Fail(last.error());
  if (*first > *last) return Backwards(text, *first, *last, rules);
  return Run{*first, *last, 1};
}

Result<Run> ReadEntry(std::string_view text, const FieldRules& rules) {
  const std::size_t slash = text.find('/');
  Result<Run> run = ReadRange(text.substr(0, slash), rules);
  if (!run || slash == text.npos) return run;
  const Result<int> step = ReadStep(text.substr(slash + 1), rules);
  if (!step) return Fail(step.error());
  const std::string_view range = text.substr(0, slash);
  if (range != "*" && range.find('-') == range.npos) {
    return Fail(fmt::format("{} {} has a step without a range", rules.label, OneLine(text, 40)),
                fmt::format("write {}-{}/{}", range, rules.low + rules.count - 1, *step));
  }
  run->step = *step;
  return run;
}

std::uint64_t BitsOf(const Run& run, CronFieldKind kind) {
  std::uint64_t bits = 0;
  for (int value = run.first; value <= run.last; value += run.step) {
    bits |= std::uint64_t{1} << (kind == CronFieldKind::kDayOfWeek ? value % 7 : value);
  }
  return bits;
}

}  // namespace

Result<CronField> ParseCronField(std::string_view text, CronFieldKind kind) {
  const FieldRules rules = RulesOf(kind);
  CronField field{.values = 0, .starts_with_star = text.starts_with('*')};
  for (const std::string_view entry : Split(text, ',')) {
    if (entry.empty()) {
      return Fail(
          fmt::format("{} {} has an empty entry in its list", rules.label, OneLine(text, 40)),
          "write the values with single commas between them");
    }
    const Result<Run> run = ReadEntry(entry, rules);
    if (!run) return Fail(run.error());
    field.values |= BitsOf(*run, kind);
  }
  return field;
}

}  // namespace targets
