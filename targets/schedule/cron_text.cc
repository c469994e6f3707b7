#include "targets/schedule/cron_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "targets/base/text.h"
#include "targets/schedule/cron_expression.h"

namespace targets {
namespace {

constexpr std::string_view kFieldOrder =
    "the five fields are: minute, hour, day of month, month, day of week";

struct Macro {
  std::string_view name;
  CronFields fields;
};
constexpr std::array<Macro, 7> kMacros = {{
    {"@hourly", {"0", "*", "*", "*", "*"}},
    {"@daily", {"0", "0", "*", "*", "*"}},
    {"@midnight", {"0", "0", "*", "*", "*"}},
    {"@weekly", {"0", "0", "*", "*", "0"}},
    {"@monthly", {"0", "0", "1", "*", "*"}},
    {"@yearly", {"0", "0", "1", "1", "*"}},
    {"@annually", {"0", "0", "1", "1", "*"}},
}};

std::string HintForMacro(std::string_view name) {
  if (name == "@reboot")
    return "to run when the runner starts, write `on_start: true` in the schedule";
  if (name.starts_with("@every")) return "for a fixed period write `every: 6h` in the schedule";
  std::vector<std::string> known;
  known.reserve(kMacros.size());
  for (const Macro& macro : kMacros) known.emplace_back(macro.name);
  if (const std::optional<std::string> nearest = Nearest(name, known)) {
    return fmt::format("did you mean \"{}\"?", *nearest);
  }
  return "known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually";
}

Result<CronFields> FieldsOfMacro(std::string_view name) {
  for (const Macro& macro : kMacros) {
    if (macro.name == name) return macro.fields;
  }
  return Fail(fmt::format("{}: unknown name for a schedule", QuoteCronText(name)),
              HintForMacro(name));
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBlank = " \t";
  for (std::size_t at = text.find_first_not_of(kBlank); at != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlank, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlank, end);
  }
  return words;
}

bool LooksLikeAField(std::string_view word) {
  return word == "*" || word == "?" || word.find_first_not_of("0123456789,-*/") == word.npos;
}

/// The five words from `first` on, as one would write them.
std::string FiveFrom(const std::vector<std::string_view>& words, std::size_t first) {
  std::vector<std::string> five;
  five.reserve(5);
  for (std::size_t i = first; i < first + 5; ++i) five.emplace_back(words[i]);
  return Join(five, " ");
}

/// Which dialect of six or seven fields it may be, and what to write here instead.
std::string HintForMoreFields(const std::vector<std::string_view>& words) {
  const std::string_view last = words.back();
  if (words.size() > 7 || (last != "?" && !LooksLikeAField(last) && last.size() > 3)) {
    return fmt::format("write the schedule without user and command: \"{}\"", FiveFrom(words, 0));
  }
  if (last.size() >= 4 && words.size() == 6) {
    return fmt::format("years are not part of it; write \"{}\"", FiveFrom(words, 0));
  }
  return fmt::format(
      "{}; some programs put seconds in front (then write \"{}\"), others a year behind (then "
      "write \"{}\")",
      kFieldOrder, FiveFrom(words, 1), FiveFrom(words, 0));
}

Status CheckWords(std::string_view text, const std::vector<std::string_view>& words) {
  const auto comment = std::find_if(words.begin(), words.end(),
                                    [](std::string_view word) { return word.starts_with('#'); });
  if (comment != words.end()) {
    return Fail(fmt::format("{}: a comment is not part of an expression", QuoteCronText(text)),
                "put the # comment outside the quotes");
  }
  if (words.front().find('=') != std::string_view::npos) {
    return Fail(fmt::format("{}: a variable is not part of an expression", QuoteCronText(text)),
                "write the zone as `timezone:` beside the schedule");
  }
  if (words.size() < 5) {
    return Fail(fmt::format("{}: {} of 5 fields", QuoteCronText(text), words.size()),
                std::string(kFieldOrder));
  }
  if (words.size() > 5) {
    return Fail(fmt::format("{}: {} fields, but a cron expression has 5", QuoteCronText(text),
                            words.size()),
                HintForMoreFields(words));
  }
  return {};
}

}  // namespace

std::string QuoteCronText(std::string_view text) {
  return fmt::format("\"{}\"", OneLine(text, 80));
}

Result<CronFields> SplitCronText(std::string_view text) {
  const std::string_view expression = TrimSpace(text);
  if (expression.empty()) return Fail("the cron expression is empty", std::string(kFieldOrder));
  if (expression.size() > CronExpression::kMaxLength) {
    return Fail(fmt::format("{}: longer than {} characters", QuoteCronText(expression),
                            CronExpression::kMaxLength));
  }
  if (expression.find_first_of("\r\n") != expression.npos) {
    return Fail(fmt::format("{}: more than one line", QuoteCronText(expression)),
                "write one expression per schedule");
  }
  if (expression.starts_with('@')) return FieldsOfMacro(expression);
  const std::vector<std::string_view> words = Words(expression);
  if (const Status fine = CheckWords(expression, words); !fine) return Fail(fine.error());
  CronFields fields;
  std::copy(words.begin(), words.end(), fields.begin());
  return fields;
}

}  // namespace targets
