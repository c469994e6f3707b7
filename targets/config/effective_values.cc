#include "targets/config/effective_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/redactor.h"

namespace targets {
namespace {

void AddLayer(const Layer& layer, const std::string& prefix, const std::string& file_name,
              const SourceMap& marks, std::vector<EffectiveValue>& out) {
  for (const auto& [key, leaf] : layer) {
    const bool url = key == "repository/url";
    std::string text = leaf.secret ? "***" : FlowText(*leaf.value);
    if (url) text = RedactUrlPasswords(text);
    out.push_back({prefix + key, std::move(text), OriginText(leaf.origin, file_name, marks)});
  }
}

}  // namespace

Origin OriginText(const ValueOrigin& origin, const std::string& file_name, const SourceMap& marks) {
  if (origin.kind == ValueOrigin::Kind::kDefault) return "default";
  if (origin.kind == ValueOrigin::Kind::kEnvironment) return "env " + origin.name;
  const auto mark = marks.find(origin.name);
  if (mark == marks.end()) return file_name;
  return fmt::format("{}:{}:{}", file_name, mark->second.value.line, mark->second.value.column);
}

std::vector<EffectiveValue> EffectiveValues(const Merge& merge, const std::string& file_name,
                                            const SourceMap& marks) {
  std::vector<EffectiveValue> out;
  AddLayer(merge.top, "/", file_name, marks, out);
  for (const auto& [id, layer] : merge.targets)
    AddLayer(layer, "/targets/" + id + "/", file_name, marks, out);
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.pointer < b.pointer; });
  return out;
}

}  // namespace targets
