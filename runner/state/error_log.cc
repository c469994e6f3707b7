#include "runner/state/error_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "runner/base/file_path.h"
#include "runner/state/marker.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Status;
using targets::UnixTime;

constexpr std::string_view kFirstLine = "runner restic_errors 1";
constexpr std::uint32_t kFileMode = 0644;

/// Reads "1728412800 backup Fatal: wrong password or no key found" into `lines`. False: it is
/// damaged. A stage that is not known is of a later version.
bool ReadLine(std::string_view line, std::vector<ErrorLine>& lines) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return false;
  const auto time = ParseUnixTime(line.substr(0, first));
  const auto stage = targets::StageFromName(line.substr(first + 1, second - first - 1));
  const std::string_view text = targets::TrimSpace(line.substr(second + 1));
  if (!time || text.empty()) return false;
  if (stage) lines.push_back({*time, *stage, targets::OneLine(text, ErrorLog::kBytesPerLine)});
  return true;
}

KnownErrors Parse(std::string_view text) {
  std::vector<std::string_view> lines = targets::Split(text, '\n');
  if (lines.front() != kFirstLine)
    return {{}, fmt::format("its first line is not \"{}\"", kFirstLine)};
  KnownErrors known;
  std::size_t damaged = lines.back().empty() ? 0 : 1;  // half a line
  lines.pop_back();
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!ReadLine(lines[i], known.lines)) ++damaged;
  }
  if (damaged > 0)
    known.problem =
        fmt::format("{} line{} of it cannot be understood", damaged, damaged == 1 ? "" : "s");
  return known;
}

bool Counts(const ErrorLine& line, UnixTime now) {
  return line.time > now - ErrorLog::kKept && line.time <= now + ErrorLog::kKept;
}

std::string Format(std::span<const ErrorLine> lines) {
  std::string text = std::string(kFirstLine) + "\n";
  for (const ErrorLine& line : lines) {
    text += fmt::format("{} {} {}\n", targets::ToUnixSeconds(line.time),
                        targets::StageName(line.stage), line.text);
  }
  return text;
}

}  // namespace

ErrorLog::ErrorLog(FileSystem& files, const targets::Redactor& redactor, StateFolder folder)
    : files_(files), redactor_(redactor), folder_(std::move(folder)) {}

std::string ErrorLog::FileOf(const targets::TargetId& target) const {
  return JoinPath(target.empty() ? folder_.RepositoryFolder() : folder_.TargetFolder(target),
                  "restic_errors");
}

KnownErrors ErrorLog::Read(const targets::TargetId& target, UnixTime now) const {
  const auto text = files_.Read(FileOf(target), kSmallFileLimit);
  if (!text) return {{}, text.error().message};
  if (!text->has_value()) return {};
  KnownErrors known = Parse(**text);
  std::erase_if(known.lines, [&](const ErrorLine& line) { return !Counts(line, now); });
  if (!known.problem.empty()) {
    known.problem =
        fmt::format("{} is damaged: {}; the next complaint of restic replaces it, or remove it",
                    FileOf(target), known.problem);
  }
  return known;
}

Status ErrorLog::Add(const MarkerKey& key, UnixTime now, std::span<const std::string> said) {
  if (said.empty()) return {};
  const std::lock_guard lock(writing_);
  std::vector<ErrorLine> lines = Read(key.target, now).lines;
  for (const std::string& text : said.last(std::min(said.size(), kLinesPerRun))) {
    // Redacted before it is cut: half a secret is a secret too.
    std::string clean = targets::OneLine(redactor_.Redact(text), kBytesPerLine);
    if (!targets::TrimSpace(clean).empty()) lines.push_back({now, key.stage, std::move(clean)});
  }
  const std::size_t kept = std::min(lines.size(), kLinesPerFile);
  if (!key.target.empty()) {
    if (Status made = folder_.PrepareTarget(key.target); !made) return made;
  }
  return files_.WriteDurably(FileOf(key.target), Format(std::span(lines).last(kept)), kFileMode);
}

}  // namespace runner
