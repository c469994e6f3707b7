#include "targets/config/masking.h"

#include <algorithm>
#include <array>

#include "targets/base/text.h"

namespace targets {
namespace {

constexpr std::string_view kMask = "***";

std::string Lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::size_t Indent(std::string_view line) {
  return std::min(line.find_first_not_of(" \t-"), line.size());
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Where the value behind the first secret-looking key of a line begins; npos if there is none.
std::size_t SecretBegin(std::string_view line) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
       colon = line.find(':', colon + 1)) {
    std::size_t end = colon;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '"' || line[end - 1] == '\''))
      --end;
    std::size_t begin = end;
    while (begin > 0 && IsWordCharacter(line[begin - 1])) --begin;
    if (LooksSecret(line.substr(begin, end - begin))) return colon + 1;
  }
  return std::string_view::npos;
}

/// The key of the mapping that a line stands in, by indentation: "environment" for the lines below
/// `environment:`.
std::string_view ParentKey(std::span<const std::string_view> lines, std::size_t index) {
  const std::size_t indent = Indent(lines[index]);
  for (std::size_t above = index; above-- > 0;) {
    const std::string_view line = lines[above];
    if (TrimSpace(line).empty() || TrimSpace(line).starts_with('#') || Indent(line) >= indent)
      continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    return TrimSpace(line.substr(Indent(line), colon - Indent(line)));
  }
  return {};
}

/// The top-level key whose section a line stands in.
std::string_view SectionOf(std::span<const std::string_view> lines, std::size_t index) {
  for (std::size_t above = index + 1; above-- > 0;) {
    const std::string_view line = lines[above];
    if (line.empty() || line[0] == ' ' || line[0] == '\t' || line[0] == '#' || line[0] == '-')
      continue;
    return line.substr(0, line.find(':'));
  }
  return {};
}

/// Where the address or the headers of a notification's channel begin in a line; npos: not in it.
/// What stands below such a key (a folded address, a mapping of headers) is all of it.
std::size_t NotifySecretBegin(std::span<const std::string_view> lines, std::size_t index) {
  constexpr std::array<std::string_view, 2> kKeys = {"url", "headers"};
  if (SectionOf(lines, index) != "notify") return std::string_view::npos;
  const std::string_view parent = ParentKey(lines, index);
  if (std::find(kKeys.begin(), kKeys.end(), parent) != kKeys.end()) return 0;
  std::size_t begin = std::string_view::npos;
  for (const std::string_view key : kKeys) {
    for (const char* end : {":", "\":", "':"}) {
      const std::string text = std::string(key) + end;
      const std::size_t at = lines[index].find(text);
      if (at != std::string_view::npos) begin = std::min(begin, at + text.size());
    }
  }
  return begin;
}

std::string MaskedFrom(std::string_view line, std::size_t begin) {
  const std::size_t text = line.find_first_not_of(' ', begin);
  if (text == std::string_view::npos) return std::string(line);
  return std::string(line.substr(0, text)).append(kMask);
}

void AddValue(const rapidjson::Value& value, Redactor& redactor) {
  if (value.IsString())
    redactor.Add(Secret(std::string(value.GetString(), value.GetStringLength())));
}

}  // namespace

bool LooksSecret(std::string_view name) {
  static constexpr std::array kParts = {std::string_view("pass"),      std::string_view("pasw"),
                                        std::string_view("pwd"),       std::string_view("secret"),
                                        std::string_view("token"),     std::string_view("account"),
                                        std::string_view("credential")};
  const std::string lower = Lower(name);
  if (lower.ends_with("_file") || lower.ends_with("_command")) return false;
  if (lower == "key" || lower.ends_with("_key") || lower.ends_with("-key")) return true;
  if (EditDistance(lower.substr(0, 40), "password") <= 3) return true;
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::string MaskedLine(std::span<const std::string_view> lines, std::size_t index) {
  const std::string_view line = lines[index];
  const std::size_t secret = SecretBegin(line);
  if (secret != std::string_view::npos) return MaskedFrom(line, secret);
  const std::size_t address = NotifySecretBegin(lines, index);
  if (address != std::string_view::npos) return MaskedFrom(line, address);
  const std::string_view parent = ParentKey(lines, index);
  if (LooksSecret(parent)) return MaskedFrom(line, 0);
  const std::size_t colon = line.find(':');
  if (parent == "environment" && colon != std::string_view::npos)
    return MaskedFrom(line, colon + 1);
  const std::size_t inner = line.find("environment:");
  if (inner != std::string_view::npos)
    return MaskedFrom(line, inner + std::string_view("environment:").size());
  return RedactUrlPasswords(line);
}

Redactor CollectSecrets(const LoadInput& input, const Merge& merge) {
  Redactor redactor;
  for (const auto& [name, value] : input.environment) {
    const bool folder = name == "PWD" || name == "OLDPWD";  // the shell's, no password
    if (!folder && LooksSecret(name)) redactor.Add(Secret(value));
  }
  for (const auto& [key, leaf] : merge.top) {
    if (leaf.secret) AddValue(*leaf.value, redactor);
  }
  for (const auto& [id, layer] : merge.targets) {
    for (const auto& [key, leaf] : layer) {
      if (leaf.secret) AddValue(*leaf.value, redactor);
    }
  }
  return redactor;
}

}  // namespace targets
