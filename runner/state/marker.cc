#include "runner/state/marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "targets/base/text.h"

namespace runner {
namespace {

using targets::TrimSpace;

constexpr std::array kStatuses = {MarkerStatus::kFailed, MarkerStatus::kRunning,
                                  MarkerStatus::kBlocked, MarkerStatus::kWarning,
                                  MarkerStatus::kSuccess};
constexpr std::size_t kMostDetails = 32;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool IsKey(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// FAILED and BLOCKED are recognised with more text behind them ("FAILED: disk"), the others only
/// alone: a doubt must never look healthy.
MarkerStatus ReadStatus(std::string_view line) {
  const auto letters = std::find_if_not(line.begin(), line.end(), IsLetter);
  const std::string word = Upper(line.substr(0, static_cast<std::size_t>(letters - line.begin())));
  for (const MarkerStatus status : kStatuses) {
    if (MarkerStatusName(status) != word) continue;
    const bool tolerant = status == MarkerStatus::kFailed || status == MarkerStatus::kBlocked;
    return letters == line.end() || tolerant ? status : MarkerStatus::kUnreadable;
  }
  return MarkerStatus::kUnreadable;
}

/// The first line without what some shells and editors put before it: `echo -e` of dash, a byte
/// order mark.
std::string_view FirstWordsOf(std::string_view line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  line = TrimSpace(line);
  if (line.starts_with("-e ")) line.remove_prefix(3);
  return TrimSpace(line);
}

void ReadDetail(std::string_view line, Marker& marker) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || marker.details.size() == kMostDetails) return;
  const std::string_view key = TrimSpace(line.substr(0, colon));
  if (IsKey(key)) marker.details.emplace(key, targets::OneLine(line.substr(colon + 1)));
}

}  // namespace

std::string_view MarkerStatusName(MarkerStatus status) {
  switch (status) {
    case MarkerStatus::kFailed:
      return "FAILED";
    case MarkerStatus::kRunning:
      return "RUNNING";
    case MarkerStatus::kBlocked:
      return "BLOCKED";
    case MarkerStatus::kWarning:
      return "WARNING";
    case MarkerStatus::kSuccess:
      return "SUCCESS";
    case MarkerStatus::kUnreadable:
      return "UNREADABLE";
  }
  return "UNREADABLE";
}

std::optional<targets::UnixTime> ParseUnixTime(std::string_view text) {
  constexpr long long kYear10000 = 253'402'300'800;
  const std::string_view line = TrimSpace(text.substr(0, text.find('\n')));
  long long seconds = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), seconds);
  const bool whole = end == line.data() + line.size() || *end == '.';  // `date +%s.%N`
  if (error == std::errc{} && whole && seconds >= 0 && seconds < kYear10000) {
    return targets::FromUnixSeconds(seconds);
  }
  if (const auto time = targets::ParseRfc3339(line)) return *time;
  return std::nullopt;
}

Marker ParseMarker(std::string_view text) {
  const std::vector<std::string_view> lines = targets::Split(text, '\n');
  const std::string_view first = FirstWordsOf(lines.front());
  Marker marker;
  marker.status = ReadStatus(first);
  if (lines.size() > 1) marker.time = ParseUnixTime(lines[1]);
  if (lines.size() > 2) marker.reason = targets::OneLine(lines[2]);
  for (std::size_t i = 3; i < lines.size(); ++i) ReadDetail(lines[i], marker);
  if (marker.status == MarkerStatus::kUnreadable) {
    const std::string line =
        targets::OneLine(first, 80);  // zeros, as some power cuts leave them, become spaces
    const std::string_view words = TrimSpace(line);
    marker.reason = words.empty()
                        ? "the marker is empty"
                        : fmt::format("the marker says \"{}\", which is no status", words);
  } else if (marker.reason.empty() && first.size() > MarkerStatusName(marker.status).size()) {
    marker.reason = targets::OneLine(first);
  }
  return marker;
}

targets::Result<std::string> FormatMarker(const Marker& marker) {
  if (marker.status == MarkerStatus::kUnreadable || !marker.time.has_value()) {
    return targets::Fail("a marker needs a status and a time");
  }
  std::string out =
      fmt::format("{}\n{}\n{}\n", MarkerStatusName(marker.status),
                  targets::ToUnixSeconds(*marker.time), targets::OneLine(marker.reason));
  for (const auto& [key, value] : marker.details) {
    if (!IsKey(key))
      return targets::Fail(fmt::format("\"{}\" is no key of a marker", targets::OneLine(key, 80)));
    out += fmt::format("{}: {}\n", key, targets::OneLine(value));
  }
  return out;
}

}  // namespace runner
