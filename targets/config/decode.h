#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "targets/config/layer.h"
#include "targets/config/layer_reader.h"
#include "targets/model/config.h"

namespace targets {

/// Everything of a configuration but its targets and origins, from the merged top-level layer.
/// Values were checked.
Config DecodeTop(const Layer& layer);

/// A secret in any of its three forms: `key`, `key`_file, `key`_command.
std::optional<SecretSource> DecodeSecret(const LayerReader& reader, const std::string& key);

/// The channels below "notify", by name. Values were checked.
std::vector<NotifyChannel> DecodeNotify(const Layer& layer);

/// The names of the channels below "notify".
std::set<std::string> ChannelNames(const Layer& layer);

/// One target from its merged layer. `timezone` is that of schedules without their own.
Target DecodeTarget(const std::string& id, const Layer& layer, const std::string& timezone);

/// The schedule below `folder` ("schedule", "maintenance/probe").
Schedule DecodeSchedule(const Layer& layer, const std::string& folder, const std::string& timezone);

Retention DecodeRetention(const Layer& layer);

/// An absolute path without doubled, trailing or "." parts. "/" stays.
std::string NormalisePath(std::string_view path);

}  // namespace targets
