#pragma once

#include <string>

#include "targets/config/merge.h"

namespace targets {

/// Reads one variable's text as a value of `schema` (numbers, booleans, text; lists and mappings as
/// YAML flow text), checks it, and lays it over `layer` at `key`. Problems name the variable, never
/// a secret's value.
void ApplyVariable(const SchemaNode& schema, const std::string& key, const std::string& variable,
                   const std::string& text, Layer& layer, Merge& merge);

/// Lays the variables of repository, instance, folders and ids over the top layer; in environment
/// mode also their defaults, and the target `default`.
void ApplyTopVariables(const LoadInput& input, Merge& merge);

/// `TZ` as the zone when nothing else sets one.
void ApplyZoneVariable(const LoadInput& input, Merge& merge);

/// RUNNER_LISTEN where the file does not say where the status page is: the image sets it.
void ApplyListenVariable(const LoadInput& input, Merge& merge);

/// BACKUP_TARGET_<ID>__<FIELD>[__<SUBFIELD>]: one field of one target. Unknown names are errors
/// with a suggestion.
void ApplyFieldVariables(const LoadInput& input, Merge& merge);

/// BACKUP_TARGET keeps that target alone; then the variables of the single-directory container
/// override the one target.
void ApplySingleTargetVariables(const LoadInput& input, Merge& merge);

/// The schema of "retention/daily" below `schema`; not Known() if there is no such key.
SchemaNode SchemaAt(SchemaNode schema, std::string_view key);

/// The value of a variable that is set and not empty, or nullptr.
const std::string* Variable(const LoadInput& input, const std::string& name);

}  // namespace targets
