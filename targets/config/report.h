#pragma once

#include <vector>

#include "targets/config/load.h"
#include "targets/config/merge.h"
#include "targets/yaml/yaml_document.h"

namespace targets {

/// The problems of a file and its merge as diagnostics: with lines and columns, in the order of the
/// file (those of the environment last), without secrets.
std::vector<Diagnostic> MakeDiagnostics(const LoadInput& input, const YamlDocument& file,
                                        const Merge& merge);

}  // namespace targets
