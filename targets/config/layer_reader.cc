#include "targets/config/layer_reader.h"

#include "targets/config/formats.h"

namespace targets {
namespace {

using rapidjson::Value;

std::string StringOf(const Value& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength())
                          : FlowText(value);
}

std::vector<std::string> StringsOf(const Value& list) {
  std::vector<std::string> out;
  if (!list.IsArray()) return out;
  for (const Value& item : list.GetArray()) out.push_back(StringOf(item));
  return out;
}

}  // namespace

const Leaf* LayerReader::Find(std::string_view key) const {
  const auto found = layer_.find(key);
  return found == layer_.end() ? nullptr : &found->second;
}

std::string LayerReader::Text(std::string_view key, std::string fallback) const {
  const Leaf* leaf = Find(key);
  return leaf == nullptr ? std::move(fallback) : StringOf(*leaf->value);
}

bool LayerReader::Flag(std::string_view key, bool fallback) const {
  const Leaf* leaf = Find(key);
  return leaf != nullptr && leaf->value->IsBool() ? leaf->value->GetBool() : fallback;
}

std::optional<int> LayerReader::OptionalInteger(std::string_view key) const {
  const Leaf* leaf = Find(key);
  if (leaf == nullptr || !leaf->value->IsInt()) return std::nullopt;
  return leaf->value->GetInt();
}

int LayerReader::Integer(std::string_view key, int fallback) const {
  return OptionalInteger(key).value_or(fallback);
}

unsigned LayerReader::Unsigned(std::string_view key) const {
  const Leaf* leaf = Find(key);
  return leaf != nullptr && leaf->value->IsUint() ? leaf->value->GetUint() : 0U;
}

std::optional<Duration> LayerReader::OptionalSeconds(std::string_view key) const {
  const Leaf* leaf = Find(key);
  if (leaf == nullptr) return std::nullopt;
  const auto parsed = ParseDuration(StringOf(*leaf->value));
  return parsed ? std::optional<Duration>(*parsed) : std::nullopt;
}

Duration LayerReader::Seconds(std::string_view key, Duration fallback) const {
  return OptionalSeconds(key).value_or(fallback);
}

std::optional<Bytes> LayerReader::OptionalSize(std::string_view key) const {
  const Leaf* leaf = Find(key);
  if (leaf == nullptr) return std::nullopt;
  const auto parsed = ParseSize(StringOf(*leaf->value));
  return parsed ? std::optional<Bytes>(*parsed) : std::nullopt;
}

std::optional<Bytes> LayerReader::OptionalRate(std::string_view key) const {
  const Leaf* leaf = Find(key);
  if (leaf == nullptr) return std::nullopt;
  const auto parsed = ParseRate(StringOf(*leaf->value));
  return parsed ? std::optional<Bytes>(*parsed) : std::nullopt;
}

double LayerReader::Number(std::string_view key, double fallback) const {
  const Leaf* leaf = Find(key);
  return leaf != nullptr && leaf->value->IsNumber() ? leaf->value->GetDouble() : fallback;
}

std::optional<double> LayerReader::OptionalShare(std::string_view key) const {
  const Leaf* leaf = Find(key);
  if (leaf == nullptr) return std::nullopt;
  return leaf->value->IsNumber() ? leaf->value->GetDouble() : ShareOf(StringOf(*leaf->value));
}

std::vector<std::string> LayerReader::Texts(std::string_view key) const {
  const Leaf* leaf = Find(key);
  return leaf == nullptr ? std::vector<std::string>() : StringsOf(*leaf->value);
}

std::vector<std::vector<std::string>> LayerReader::TextLists(std::string_view key) const {
  std::vector<std::vector<std::string>> out;
  const Leaf* leaf = Find(key);
  if (leaf == nullptr || !leaf->value->IsArray()) return out;
  for (const Value& list : leaf->value->GetArray()) out.push_back(StringsOf(list));
  return out;
}

std::map<std::string, std::string> LayerReader::TextMap(const std::string& folder) const {
  std::map<std::string, std::string> out;
  const std::string prefix = folder + "/";
  for (auto at = layer_.lower_bound(prefix); at != layer_.end() && at->first.starts_with(prefix);
       ++at) {
    out[at->first.substr(prefix.size())] = StringOf(*at->second.value);
  }
  return out;
}

bool LayerReader::HasFolder(const std::string& folder) const {
  if (Has(folder)) return true;
  const auto below = layer_.lower_bound(folder + "/");
  return below != layer_.end() && below->first.starts_with(folder + "/");
}

}  // namespace targets
