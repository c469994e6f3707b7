#include <fmt/format.h>

#include <algorithm>

#include "targets/base/text.h"
#include "targets/config/environment.h"
#include "targets/config/formats.h"

namespace targets {
namespace {

constexpr std::string_view kPrefix = "BACKUP_TARGET_";
constexpr std::string_view kSeparator = "__";

std::string Lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string Upper(std::string_view text) {
  std::string out = EnvironmentForm(text);
  return out;
}

/// The target that `rest` ("PHOTOS__RETENTION__DAILY") begins with: the longest one that fits.
std::string TargetOf(std::string_view rest, const Merge& merge) {
  std::string best;
  for (const auto& [id, layer] : merge.targets) {
    if (rest.starts_with(EnvironmentForm(id) + "__") && id.size() >= best.size()) best = id;
  }
  return best;
}

void ReportUnknownTarget(const std::string& variable, std::string_view rest, Merge& merge) {
  std::vector<std::string> known;
  for (const auto& [id, layer] : merge.targets) known.push_back(EnvironmentForm(id));
  const std::size_t end = rest.find(kSeparator);
  const std::string name(rest.substr(0, end));
  const auto where = ValueOrigin::Variable(variable);
  if (end == std::string_view::npos) {
    merge.problems.Error(where, PointAt::kValue, "the name has no field",
                         "write BACKUP_TARGET_<ID>__<FIELD>, like BACKUP_TARGET_PHOTOS__SCHEDULE");
    return;
  }
  const auto nearest = Nearest(name, known);
  merge.problems.Error(
      where, PointAt::kValue, fmt::format("there is no target {}", name),
      nearest ? fmt::format("did you mean {}{}{}?", kPrefix, *nearest, rest.substr(end))
              : "the targets are: " + OneLine(Join(known, ", "), 200));
}

struct FieldPlace {
  SchemaNode schema;
  std::string key;
};

/// Follows "RETENTION__DAILY" through the schema; reports where it leaves it.
FieldPlace FindField(const std::string& variable, std::string_view fields, Merge& merge) {
  FieldPlace place{TargetSchema(), ""};
  std::string done(variable.substr(0, variable.size() - fields.size()));
  while (true) {
    const std::size_t end = fields.find(kSeparator);
    const std::string_view segment = fields.substr(0, end);
    const std::string name = place.schema.HasFreeKeys() ? std::string(segment) : Lower(segment);
    const SchemaNode next = place.schema.Property(name);
    if (!next.Known()) {
      std::vector<std::string> names = place.schema.PropertyNames();
      const auto nearest = Nearest(name, names);
      for (std::string& known : names) known = Upper(known);
      merge.problems.Error(ValueOrigin::Variable(variable), PointAt::kValue,
                           fmt::format("there is no field {}", segment),
                           nearest ? fmt::format("did you mean {}{}?", done, Upper(*nearest))
                           : names.empty() ? "it has no fields inside"
                                           : "the fields are: " + Join(names, ", "));
      return {};
    }
    place.key += (place.key.empty() ? "" : "/") + name;
    place.schema = next;
    if (end == std::string_view::npos) return place;
    done.append(segment).append(kSeparator);
    fields.remove_prefix(end + kSeparator.size());
  }
}

}  // namespace

void ApplyFieldVariables(const LoadInput& input, Merge& merge) {
  for (auto at = input.environment.lower_bound(std::string(kPrefix));
       at != input.environment.end() && at->first.starts_with(kPrefix); ++at) {
    const auto& [variable, text] = *at;
    const std::string_view rest = std::string_view(variable).substr(kPrefix.size());
    const std::string id = TargetOf(rest, merge);
    if (id.empty()) {
      ReportUnknownTarget(variable, rest, merge);
      continue;
    }
    const std::string_view fields = rest.substr(EnvironmentForm(id).size() + kSeparator.size());
    const FieldPlace place = FindField(variable, fields, merge);
    if (place.schema.Known())
      ApplyVariable(place.schema, place.key, variable, text, merge.targets[id], merge);
  }
}

}  // namespace targets
