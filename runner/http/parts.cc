#include "runner/http/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runner/status/words.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Bytes;
using targets::UnixTime;

constexpr int kDayWidth = 5;

struct Sign {
  const char* symbol;
  const char* style;
};

Sign SignOf(StatusWord word, HealthLevel level) {
  if (level == HealthLevel::kUnhealthy) return {"\u2716", "bad"};
  if (word == StatusWord::kRunning) return {"\u25B6", "busy"};
  if (level == HealthLevel::kWarning) return {"\u25B2", "warn"};
  if (word == StatusWord::kOk) return {"\u2714", "good"};
  return {"\u25CB", "idle"};
}

std::string WordText(StatusWord word) {
  std::string text(StatusWordName(word));
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// The bars of one kind as one path.
std::string PathOf(const Strip& strip, DayMark mark, const char* shape) {
  std::string path;
  for (std::size_t i = 0; i < strip.size(); ++i) {
    if (MarkOf(strip[i]) == mark)
      path += fmt::format("M{} {}", static_cast<int>(i) * kDayWidth, shape);
  }
  return path;
}

std::string DescribeStrip(const Strip& strip) {
  const auto count = [&](DayMark mark) {
    return std::ranges::count_if(strip, [&](const DayOfRuns& day) { return MarkOf(day) == mark; });
  };
  std::vector<std::string> parts;
  const auto add = [&](DayMark mark, const char* what) {
    if (const auto days = count(mark); days > 0) parts.push_back(fmt::format("{} {}", days, what));
  };
  add(DayMark::kGood, "good");
  add(DayMark::kMixed, "with failures and successes");
  add(DayMark::kIncomplete, "incomplete");
  add(DayMark::kFailed, "failed");
  add(DayMark::kNone, "without a backup");
  return fmt::format("last {} days: {}", strip.size(), targets::Join(parts, ", "));
}

struct Size {
  std::size_t day;
  Bytes bytes;
};

std::vector<Size> SizesOf(const Strip& strip) {
  std::vector<Size> sizes;
  for (std::size_t i = 0; i < strip.size(); ++i) {
    if (strip[i].size) sizes.push_back({i, *strip[i].size});
  }
  return sizes;
}

std::string DescribeGrowth(const Size& first, const Size& last) {
  const auto days = last.day - first.day;
  const std::string length = fmt::format("in {} day{}", days, days == 1 ? "" : "s");
  if (first.bytes == last.bytes) return "unchanged " + length;
  const bool grew = last.bytes > first.bytes;
  const Bytes by = grew ? last.bytes - first.bytes : first.bytes - last.bytes;
  return fmt::format("{}{} {}", grew ? "+" : "\u2212", targets::FormatSize(by), length);
}

}  // namespace

Html StateBadge(StatusWord word, HealthLevel level) {
  const Sign sign = SignOf(word, level);
  return Tag("<span class=\"state {}\"><span aria-hidden=\"true\">{}</span> {}</span>", sign.style,
             sign.symbol, WordText(word));
}

Html TimeTag(UnixTime time, UnixTime now, const targets::Zone& zone) {
  const std::string words = time > now ? "in " + targets::FormatDuration(time - now)
                                       : targets::FormatDuration(now - time) + " ago";
  return Tag("<time datetime=\"{}\" title=\"{}\">{}</time>", zone.FormatRfc3339(time),
             zone.FormatForPeople(time), words);
}

Html MomentOrNever(std::optional<UnixTime> time, UnixTime now, const targets::Zone& zone) {
  return time ? TimeTag(*time, now, zone) : Tag("<span class=\"quiet\">never</span>");
}

Html NextDue(const std::optional<NextRun>& next, UnixTime now, const targets::Zone& zone) {
  if (!next) return Tag("<span class=\"quiet\">off</span>");
  switch (next->kind) {
    case NextKind::kNever:
      return Tag("only by hand");
    case NextKind::kAfterRun:
      return Tag("after this run");
    case NextKind::kOverdue:
      return Tag("overdue since {}", TimeTag(next->at.value_or(now), now, zone));
    case NextKind::kRetry:
      return Tag("{} (retry {} of {})", TimeTag(next->at.value_or(now), now, zone), next->retry,
                 kRetriesInSlot);
    case NextKind::kScheduled:
      return TimeTag(next->at.value_or(now), now, zone);
  }
  return {};
}

Html ProblemList(const std::vector<Problem>& problems) {
  if (problems.empty()) return {};
  Html items;
  for (const Problem& problem : problems) {
    items += Tag("<li>{}", Sentence(problem.finding.message));
    if (!problem.hint.empty())
      items += Tag(" <span class=\"hint\">{}</span>", Sentence(problem.hint));
    items += Tag("</li>");
  }
  return Tag("<ul class=\"problems\">{}</ul>", items);
}

Html StripPicture(const Strip& strip) {
  return Tag(
      "<svg class=\"strip\" viewBox=\"0 0 150 20\" width=\"150\" height=\"20\" role=\"img\" "
      "aria-label=\"{}\"><path class=\"good\" d=\"{}\"/><path class=\"warn\" d=\"{}{}\"/>"
      "<path class=\"bad\" d=\"{}\"/><path class=\"idle\" d=\"{}\"/></svg>",
      DescribeStrip(strip), PathOf(strip, DayMark::kGood, "1h4v18h-4z"),
      PathOf(strip, DayMark::kMixed, "9h4v10h-4zm0 -7h4v4h-4z"),
      PathOf(strip, DayMark::kIncomplete, "10h4v9h-4z"),
      PathOf(strip, DayMark::kFailed, "1h4v18h-4zm1 1v16h2v-16z"),
      PathOf(strip, DayMark::kNone, "17h4v2h-4z"));
}

Html GrowthPicture(const Strip& strip) {
  const std::vector<Size> sizes = SizesOf(strip);
  if (sizes.size() < 2) return {};
  const auto [least, most] = std::ranges::minmax(sizes, {}, &Size::bytes);
  const double range = std::max(1.0, static_cast<double>(most.bytes - least.bytes));
  std::string points;
  for (const Size& size : sizes) {
    const double height = static_cast<double>(size.bytes - least.bytes) / range;
    points += fmt::format("{},{:.1f} ", size.day * 2, 15 - 14 * height);
  }
  return Tag(
      "<svg class=\"growth\" viewBox=\"0 0 60 16\" width=\"60\" height=\"16\" "
      "aria-hidden=\"true\"><polyline points=\"{}\"/></svg> <span class=\"quiet\">{}</span>",
      points, DescribeGrowth(sizes.front(), sizes.back()));
}

std::optional<Bytes> NewestSize(const Strip& strip) {
  const std::vector<Size> sizes = SizesOf(strip);
  return sizes.empty() ? std::nullopt : std::optional(sizes.back().bytes);
}

}  // namespace runner
