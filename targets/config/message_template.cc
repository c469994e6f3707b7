#include "targets/config/message_template.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace targets {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

/// Text up to a placeholder, and the placeholder's name.
struct Piece {
  std::string_view before;
  std::string_view name;
  bool named = false;
};

/// The next piece of `text`, which is shortened by it.
Piece Take(std::string_view& text) {
  const std::size_t open = text.find(kOpen);
  const std::size_t close =
      open == std::string_view::npos ? open : text.find(kClose, open + kOpen.size());
  if (close == std::string_view::npos) {
    const Piece rest{text, {}, false};
    text = {};
    return rest;
  }
  const std::size_t begin = open + kOpen.size();
  const Piece piece{text.substr(0, open), TrimSpace(text.substr(begin, close - begin)), true};
  text.remove_prefix(close + kClose.size());
  return piece;
}

std::string AsJson(const std::string& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  const std::string clean = Utf8(value);
  writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  return {buffer.GetString() + 1, buffer.GetSize() - 2};  // without its quotes
}

std::string AsUrl(const std::string& value) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : value) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

const std::vector<std::string>& TemplateNames() {
  static const std::vector<std::string> kNames = {"event",  "instance", "message",
                                                  "target", "time",     "title"};
  return kNames;
}

Status CheckTemplate(std::string_view text) {
  const std::vector<std::string>& names = TemplateNames();
  while (!text.empty()) {
    const Piece piece = Take(text);
    if (!piece.named) {
      if (piece.before.find(kOpen) == std::string_view::npos) return {};
      return Fail("a placeholder begins with {{ and does not end", "end it with }}");
    }
    if (std::find(names.begin(), names.end(), piece.name) != names.end()) continue;
    const auto nearest = Nearest(piece.name, names);
    return Fail(fmt::format("there is no placeholder {{{{{}}}}}", OneLine(piece.name, 40)),
                nearest ? fmt::format("did you mean {{{{{}}}}}?", *nearest)
                        : "placeholders: " + Join(names, ", "));
  }
  return {};
}

std::string FillTemplate(std::string_view text, const std::map<std::string, std::string>& values,
                         TemplateUse use) {
  std::string out;
  while (!text.empty()) {
    const Piece piece = Take(text);
    out += piece.before;
    if (!piece.named) continue;
    const auto value = values.find(std::string(piece.name));
    if (value == values.end()) continue;
    out += use == TemplateUse::kJson ? AsJson(value->second) : AsUrl(value->second);
  }
  return out;
}

bool NamesTarget(std::string_view text) {
  while (!text.empty()) {
    const Piece piece = Take(text);
    if (piece.named && piece.name == "target") return true;
  }
  return false;
}

}  // namespace targets
