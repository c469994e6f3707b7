#include "targets/config/effective_values.h"

#include <fmt/format.h>

#include "targets/base/redactor.h"

namespace targets {
namespace {

std::string TextOf(const std::string& key, const Leaf& leaf) {
  if (leaf.secret) return "***";
  std::string text = FlowText(*leaf.value);
  return key == "repository/url" ? RedactUrlPasswords(text) : text;
}

/// The layers in the order of their leaves' pointers. No prefix of a target is the beginning of
/// another's, so whole layers can be sorted by it: "/targets/a-b/" comes before "/targets/a/".
std::map<std::string, const Layer*> ByPrefix(const Merge& merge) {
  std::map<std::string, const Layer*> layers;
  for (const auto& [id, layer] : merge.targets) layers.emplace("/targets/" + id + "/", &layer);
  return layers;
}

/// Calls `visit(prefix, key, leaf)` for every leaf, in the order of the pointers, which are prefix
/// and key.
template <typename Visit>
void VisitLeaves(const Merge& merge, const Visit& visit) {
  const auto visit_from = [&](auto at, auto end, const std::string& prefix) {
    for (; at != end; ++at) visit(prefix, at->first, at->second);
  };
  const auto middle = merge.top.lower_bound("targets/");
  visit_from(merge.top.begin(), middle, "/");
  for (const auto& [prefix, layer] : ByPrefix(merge))
    visit_from(layer->begin(), layer->end(), prefix);
  visit_from(middle, merge.top.end(), "/");
}

}  // namespace

Origin OriginText(const ValueOrigin& origin, const std::string& file_name, const SourceMap& marks) {
  if (origin.kind == ValueOrigin::Kind::kDefault) return "default";
  if (origin.kind == ValueOrigin::Kind::kEnvironment) return "env " + origin.name;
  const auto mark = marks.find(origin.name);
  if (mark == marks.end()) return file_name;
  return fmt::format("{}:{}:{}", file_name, mark->second.value.line, mark->second.value.column);
}

OriginMap OriginsOf(const Merge& merge, const std::string& file_name, const SourceMap& marks) {
  OriginMap out;
  VisitLeaves(merge, [&](const std::string& prefix, const std::string& key, const Leaf& leaf) {
    if (leaf.origin.kind == ValueOrigin::Kind::kDefault) return;
    out.emplace_hint(out.end(), prefix + key, OriginText(leaf.origin, file_name, marks));
  });
  return out;
}

std::vector<EffectiveValue> EffectiveValues(const Merge& merge, const std::string& file_name,
                                            const SourceMap& marks) {
  std::vector<EffectiveValue> out;
  VisitLeaves(merge, [&](const std::string& prefix, const std::string& key, const Leaf& leaf) {
    out.push_back({prefix + key, TextOf(key, leaf), OriginText(leaf.origin, file_name, marks)});
  });
  return out;
}

}  // namespace targets
