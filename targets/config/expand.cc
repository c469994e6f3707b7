#include "targets/config/expand.h"

#include <fmt/format.h>

#include "targets/base/text.h"
#include "targets/config/formats.h"
#include "targets/yaml/source_map.h"

namespace targets {
namespace {

using rapidjson::Value;

constexpr std::size_t kMaxExpanded = std::size_t{1} << 20U;

/// What stands between the braces: a name, and perhaps a default.
Result<std::string> Lookup(std::string_view inside, const Environment& environment) {
  const std::size_t separator = inside.find(":-");
  const std::string name(inside.substr(0, separator));
  if (!CheckFormat("environment-name", name)) {
    return Fail(fmt::format("${{{}}} does not name an environment variable", OneLine(inside, 60)),
                "write ${NAME} or ${NAME:-default}; for a $ itself write $$");
  }
  const auto found = environment.find(name);
  const bool has_default = separator != std::string_view::npos;
  if (has_default && (found == environment.end() || found->second.empty())) {
    return std::string(inside.substr(separator + 2));
  }
  if (found == environment.end()) {
    return Fail(fmt::format("the environment variable {} is not set", name),
                fmt::format("set it, or write ${{{}:-default}}", name));
  }
  return found->second;
}

class Expander {
 public:
  Expander(rapidjson::Document& document, const Environment& environment)
      : document_(document), environment_(environment) {}

  std::vector<ExpansionFailure> Run() {
    if (document_.IsObject()) {
      for (auto& member : document_.GetObject()) {
        const std::string key(member.name.GetString(), member.name.GetStringLength());
        if (!key.starts_with("x-")) Expand(member.value, JoinPointer("", key));
      }
    }
    return std::move(failures_);
  }

 private:
  void Expand(Value& value, const std::string& pointer) {
    if (value.IsObject()) {
      for (auto& member : value.GetObject()) {
        Expand(member.value,
               JoinPointer(pointer, {member.name.GetString(), member.name.GetStringLength()}));
      }
    } else if (value.IsArray()) {
      for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
        Expand(value[i], pointer + "/" + std::to_string(i));
    } else if (value.IsString()) {
      ExpandString(value, pointer);
    }
  }

  void ExpandString(Value& value, const std::string& pointer) {
    const std::string text(value.GetString(), value.GetStringLength());
    if (text.find('$') == std::string::npos) return;
    auto expanded = ExpandText(text, environment_);
    if (!expanded) {
      failures_.push_back({pointer, std::move(expanded.error())});
      return;
    }
    value.SetString(expanded->data(), static_cast<rapidjson::SizeType>(expanded->size()),
                    document_.GetAllocator());
  }

  rapidjson::Document& document_;
  const Environment& environment_;
  std::vector<ExpansionFailure> failures_;
};

}  // namespace

Result<std::string> ExpandText(const std::string& text, const Environment& environment) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    out.append(text, at, dollar - at);
    if (dollar == text.size()) break;
    const std::string_view rest = std::string_view(text).substr(dollar + 1);
    if (rest.starts_with('$')) {
      out += '$';
      at = dollar + 2;
      continue;
    }
    if (!rest.starts_with('{')) {
      return Fail("a single $ has no meaning here",
                  "write $$ for a $ itself, or ${NAME} for a variable");
    }
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos)
      return Fail("the ${ is never closed", "write ${NAME}; for a $ itself write $$");
    auto value = Lookup(rest.substr(1, end - 1), environment);
    if (!value) return value;
    out += *value;
    if (out.size() > kMaxExpanded)
      return Fail("the expanded text is longer than 1 MiB", "shorten the variables");
    at = dollar + 1 + end + 1;
  }
  return out;
}

std::vector<ExpansionFailure> ExpandDocument(rapidjson::Document& document,
                                             const Environment& environment) {
  return Expander(document, environment).Run();
}

}  // namespace targets
