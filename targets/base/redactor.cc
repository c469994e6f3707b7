#include "targets/base/redactor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>

namespace targets {
namespace {

std::string PercentEncoded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

/// As JSON writers put it into a string; Go's also escape what is special in HTML.
std::string JsonEscaped(std::string_view value, std::string_view html) {
  std::string out;
  for (const char c : value) {
    const std::size_t short_form = std::string_view("\"\\\b\f\n\r\t").find(c);
    if (short_form != std::string_view::npos) {
      out += '\\';
      out += "\"\\bfnrt"[short_form];
    } else if (static_cast<unsigned char>(c) < 0x20 || html.find(c) != std::string_view::npos) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

void ReplaceAll(std::string& text, std::string_view needle) {
  for (std::size_t at = text.find(needle); at != std::string::npos;
       at = text.find(needle, at + 3)) {
    text.replace(at, needle.size(), "***");
  }
}

}  // namespace

Redactor::Redactor(const Redactor& other) : needles_(other.Needles()) {}

Redactor& Redactor::operator=(const Redactor& other) {
  std::vector<std::string> needles = other.Needles();
  const std::unique_lock lock(mutex_);
  needles_ = std::move(needles);
  return *this;
}

std::vector<std::string> Redactor::Needles() const {
  const std::shared_lock lock(mutex_);
  return needles_;
}

void Redactor::Add(const Secret& secret) {
  const std::string& value = secret.Expose();
  std::vector<std::string> forms = {value, PercentEncoded(value), JsonEscaped(value, ""),
                                    JsonEscaped(value, "<>&")};
  for (std::size_t begin = 0; begin < value.size();) {
    const std::size_t end = std::min(value.find('\n', begin), value.size());
    forms.push_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  const std::unique_lock lock(mutex_);
  for (std::string& form : forms) {
    if (form.size() < kMinimumLength) continue;
    if (std::find(needles_.begin(), needles_.end(), form) != needles_.end()) continue;
    needles_.push_back(std::move(form));
  }
  std::stable_sort(needles_.begin(), needles_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Redactor::Redact(std::string_view text) const {
  std::string out(text);
  {
    const std::shared_lock lock(mutex_);
    for (const std::string& needle : needles_) ReplaceAll(out, needle);
  }
  return RedactUrlPasswords(out);
}

std::string RedactUrlPasswords(std::string_view text) {
  std::string out(text);
  for (std::size_t at = out.find("://"); at != std::string::npos; at = out.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(out.find_first_of("/ \t\n\"'", begin), out.size());
    const std::size_t host = out.rfind('@', end == 0 ? 0 : end - 1);
    if (host == std::string::npos || host < begin || host >= end) continue;
    const std::size_t colon = out.find(':', begin);
    if (colon == std::string::npos || colon >= host) continue;
    out.replace(colon + 1, host - colon - 1, "***");
  }
  return out;
}

}  // namespace targets
