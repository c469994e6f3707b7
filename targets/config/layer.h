#pragma once

#include <rapidjson/document.h>

#include <map>
#include <string>

#include "targets/config/check_value.h"
#include "targets/config/problems.h"
#include "targets/config/schema.h"

namespace targets {

/// One effective value: a scalar or a whole list.
struct Leaf {
  const rapidjson::Value* value =
      nullptr;  // owned by the document or fragment that it was read from
  ValueOrigin origin;
  bool secret = false;
};

/// Values by their place, "retention/daily", with every shorthand written out. Layers are laid over
/// each other.
using Layer = std::map<std::string, Leaf, std::less<>>;

/// Puts `value` (checked; what `source.bad` names is left out) into `out` under `key`. Mappings
/// become their leaves; shorthands become mappings: `schedule: "0 2 * * *"` is schedule/cron,
/// `prune: off` is prune/enabled, and a mapping that has an `enabled` without saying it is enabled.
void Flatten(const SchemaNode& schema, const rapidjson::Value& value, const std::string& key,
             const std::string& pointer, const ValueSource& source, Layer& out);

/// The `default`s of a schema as a layer.
Layer BuiltInLayer(const SchemaNode& schema);

/// Lays `upper` over `lower`: a leaf replaces the same leaf and the other forms of the same thing
/// (cron and every).
void Overlay(Layer& lower, const Layer& upper);

/// The part of a key behind its last slash.
std::string_view LastSegment(std::string_view key);

}  // namespace targets
