#include "targets/restic/version.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>

#include "targets/base/text.h"

namespace targets {
namespace {

constexpr std::string_view kHint =
    "is the program really restic? Put restic 0.14 or newer into PATH";

tl::unexpected<Error> NotAVersion(std::string_view output) {
  return Fail(fmt::format("cannot read restic's version from \"{}\"", OneLine(output, 120)),
              std::string(kHint));
}

/// The text that follows "restic " or the JSON key "version".
std::string_view VersionText(std::string_view line) {
  constexpr std::string_view kText = "restic ";
  constexpr std::string_view kJson = "\"version\":\"";
  if (line.starts_with(kText)) return line.substr(kText.size());
  if (!line.starts_with('{')) return {};
  const std::size_t at = line.find(kJson);
  return at == std::string_view::npos ? std::string_view{} : line.substr(at + kJson.size());
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads a number of at most six digits from the front of `text` and removes it.
bool TakeNumber(std::string_view& text, int& number) {
  std::size_t length = 0;
  while (length < text.size() && IsDigit(text[length])) ++length;
  if (length == 0 || length > 6) return false;
  std::from_chars(text.data(), text.data() + length, number);
  text.remove_prefix(length);
  return true;
}

}  // namespace

Result<ResticVersion> ParseResticVersion(std::string_view output) {
  const std::string_view line = TrimSpace(output.substr(0, output.find('\n')));
  std::string_view text = VersionText(line);
  if (text.starts_with('v')) text.remove_prefix(1);
  ResticVersion version;
  const std::array<int*, 3> parts = {&version.major, &version.minor, &version.patch};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return NotAVersion(line);
      text.remove_prefix(1);
    }
    if (!TakeNumber(text, *parts.at(i))) return NotAVersion(line);
  }
  // "0.14.0 compiled", "0.18.0-dev (compiled manually)", `0.19.1","go_version"`; but not "0.14.0.1"
  // or "0.14.0x".
  constexpr std::string_view kEnds = " -+\"";
  if (!text.empty() && kEnds.find(text.front()) == std::string_view::npos) return NotAVersion(line);
  return version;
}

std::string FormatResticVersion(const ResticVersion& version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

}  // namespace targets
