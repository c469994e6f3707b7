#include "targets/base/size.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace targets {
namespace {

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr double kKibi = 1024;
constexpr std::array kUnits = {Unit{"", 1},
                               Unit{"b", 1},
                               Unit{"k", kKibi},
                               Unit{"kib", kKibi},
                               Unit{"kb", 1e3},
                               Unit{"m", kKibi* kKibi},
                               Unit{"mib", kKibi* kKibi},
                               Unit{"mb", 1e6},
                               Unit{"g", kKibi* kKibi* kKibi},
                               Unit{"gib", kKibi* kKibi* kKibi},
                               Unit{"gb", 1e9},
                               Unit{"t", kKibi* kKibi* kKibi* kKibi},
                               Unit{"tib", kKibi* kKibi* kKibi* kKibi},
                               Unit{"tb", 1e12}};
constexpr double kMaxBytes = 9e18;

tl::unexpected<Error> NotASize(std::string_view text) {
  return Fail(fmt::format("\"{}\" is not a size", text),
              "write a number with a unit, like 500MiB or 10GiB");
}

std::string Lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

Result<Bytes> ParseSize(std::string_view text) {
  double number = 0;
  double fraction = 0;  // 0 while no point was seen, else the weight of the next digit
  std::size_t at = 0;
  std::size_t digits = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && fraction == 0 && digits > 0) {
      fraction = 0.1;
    } else if (text[at] >= '0' && text[at] <= '9') {
      ++digits;
      const double digit = text[at] - '0';
      number = fraction == 0 ? number * 10 + digit : number + digit * fraction;
      fraction /= 10;
    } else {
      break;
    }
  }
  if (digits == 0 || text[at - 1] == '.') return NotASize(text);
  while (at < text.size() && text[at] == ' ') ++at;
  const std::string name = Lower(text.substr(at));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    if (number * unit.bytes > kMaxBytes) return NotASize(text);
    return static_cast<Bytes>(std::llround(number * unit.bytes));
  }
  return NotASize(text);
}

Result<Bytes> ParseRate(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  return ParseSize(text);
}

std::string FormatSize(Bytes bytes) {
  static constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kNames[unit]);
}

}  // namespace targets
