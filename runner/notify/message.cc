#include "runner/notify/message.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::UnixTime;

constexpr std::size_t kTitleLimit = 200;

std::string Limited(std::string_view anything) {
  constexpr std::string_view kCut = "\n...\n";
  std::string text = targets::Utf8(anything);
  if (text.size() <= Message::kTextLimit) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::size_t end = Message::kTextLimit - kCut.size();
  while (end > 0 && continues(end)) --end;
  text.resize(end);
  return text.append(kCut);
}

std::vector<std::string> SubjectsOf(const std::vector<News>& news) {
  std::vector<std::string> subjects;
  for (const News& one : news) subjects.push_back(one.verdict.subject);
  return subjects;
}

/// "photos is UNHEALTHY", "3 are UNHEALTHY: db, photos, www".
std::string Headline(const std::vector<std::string>& subjects, std::string_view what) {
  if (subjects.size() == 1) return fmt::format("{} is {}", subjects.front(), what);
  return fmt::format("{} are {}: {}", subjects.size(), what, targets::Join(subjects, ", "));
}

std::string_view WordFor(NewsKind kind) {
  if (kind == NewsKind::kFailure) return "UNHEALTHY";
  return kind == NewsKind::kReminder ? "still UNHEALTHY" : "HEALTHY again";
}

std::string Paragraph(NewsKind kind, const News& news, UnixTime now) {
  const std::string& subject = news.verdict.subject;
  const std::string age = targets::FormatDuration(now - std::min(news.before.since, now));
  if (kind == NewsKind::kRecovery) return fmt::format("{}: healthy again after {}\n", subject, age);
  std::string text = fmt::format("{}: {}\n", subject, news.verdict.reason);
  if (kind == NewsKind::kReminder) text += fmt::format("It has been told {} ago.\n", age);
  if (news.before.green_since)
    text += "It was healthy in between, but never for long: it comes and goes.\n";
  return text + news.verdict.details;
}

Message Make(std::optional<NewsKind> kind, std::vector<std::string> subjects, UnixTime now,
             const std::string& instance, const std::string& headline, std::string_view text) {
  return {kind, std::move(subjects), now,
          targets::OneLine(targets::Utf8(fmt::format("[{}] {}", instance, headline)), kTitleLimit),
          Limited(text)};
}

}  // namespace

Message MakeMessage(NewsKind kind, const std::string& instance, const std::vector<News>& news,
                    UnixTime now) {
  std::string text;
  for (const News& one : news) text += (text.empty() ? "" : "\n") + Paragraph(kind, one, now);
  std::vector<std::string> subjects = SubjectsOf(news);
  const std::string headline = Headline(subjects, WordFor(kind));
  return Make(kind, std::move(subjects), now, instance, headline, text);
}

Message MakeRunMessage(NewsKind kind, const std::string& instance, const std::string& target,
                       const std::string& text, UnixTime now) {
  const bool start = kind == NewsKind::kStart;
  const std::string when =
      fmt::format("{} at {}\n", start ? "Begun" : "Done", targets::FormatRfc3339(now));
  return Make(kind, {target}, now, instance,
              target + (start ? ": backup begins" : ": backup succeeded"),
              text.empty() ? when : text);
}

Message MakeTestMessage(const std::string& instance, const std::string& target, UnixTime now) {
  return Make(std::nullopt, {target}, now, instance, "test message",
              "This is a test by `runner notify --test`. Nothing has happened.\n");
}

}  // namespace runner
