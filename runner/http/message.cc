#include "runner/http/message.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "targets/base/text.h"

namespace runner {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { kIsSpace, kIsPlus };

std::optional<std::string> Decode(std::string_view text, Plus plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsSpace) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool IsAddress(std::string_view host) {
  const std::string text(host);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace

std::optional<Destination> ParseDestination(std::string_view text) {
  if (text.size() > kLongestTarget || !text.starts_with('/')) return std::nullopt;
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  auto path = Decode(text.substr(0, question), Plus::kIsPlus);
  if (!path || path->find('\0') != std::string::npos) return std::nullopt;
  Destination destination{*std::move(path), {}};
  if (question == std::string_view::npos) return destination;
  auto query = ParseForm(text.substr(question + 1));
  if (!query) return std::nullopt;
  destination.query = *std::move(query);
  return destination;
}

std::optional<std::map<std::string, std::string>> ParseForm(std::string_view text) {
  std::map<std::string, std::string> form;
  if (text.empty()) return form;
  const auto pairs = targets::Split(text, '&');
  if (pairs.size() > kMostParameters) return std::nullopt;
  for (const std::string_view pair : pairs) {
    const std::size_t equals = pair.find('=');
    const auto name = Decode(pair.substr(0, equals), Plus::kIsSpace);
    const auto value = equals == std::string_view::npos
                           ? std::optional(std::string())
                           : Decode(pair.substr(equals + 1), Plus::kIsSpace);
    if (!name || !value) return std::nullopt;
    form.emplace(*name, *value);
  }
  return form;
}

std::string FieldOf(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

std::string ReadCookie(std::string_view header, std::string_view name) {
  for (const std::string_view part : targets::Split(header, ';')) {
    const std::string_view pair = targets::TrimSpace(part);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return std::string(pair.substr(equals + 1));
  }
  return {};
}

std::string HostOf(std::string_view header) {
  if (header.starts_with('[')) {
    const std::size_t close = header.find(']');
    return close == std::string_view::npos ? std::string() : Lower(header.substr(1, close - 1));
  }
  return Lower(header.substr(0, header.find(':')));
}

bool HostIsOurs(std::string_view host, const std::vector<std::string>& names) {
  return host == "localhost" || IsAddress(host) ||
         std::find(names.begin(), names.end(), host) != names.end();
}

bool SameSecret(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0U : 1U;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    different |= static_cast<unsigned>(static_cast<unsigned char>(a[i] ^ other));
  }
  return different == 0;
}

}  // namespace runner
