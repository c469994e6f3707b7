#pragma once

#include <string>
#include <vector>

#include "targets/config/merge.h"
#include "targets/yaml/source_map.h"

namespace targets {

/// How messages name an origin: "default", "backup.yaml:23:5", "env PUID".
Origin OriginText(const ValueOrigin& origin, const std::string& file_name, const SourceMap& marks);

/// Where each leaf of the merged layers comes from that is not a default.
OriginMap OriginsOf(const Merge& merge, const std::string& file_name, const SourceMap& marks);

/// Every leaf of the merged layers, sorted by pointer; secrets as "***".
std::vector<EffectiveValue> EffectiveValues(const Merge& merge, const std::string& file_name,
                                            const SourceMap& marks);

}  // namespace targets
