#pragma once

#include <string>

#include "runner/state/facts.h"
#include "targets/base/result.h"

namespace runner {

/// The JSON of the facts. Reading ignores unknown members (a later version of the same format wrote
/// them), takes absent ones as their defaults and refuses wrong types and newer format versions;
/// errors do not name the file.
inline constexpr int kFactsVersion = 1;

std::string ToJson(const TargetFacts& facts);
std::string ToJson(const RepositoryFacts& facts);
std::string ToJson(const DaemonFacts& facts);

targets::Result<TargetFacts> TargetFactsFromJson(const std::string& text);
targets::Result<RepositoryFacts> RepositoryFactsFromJson(const std::string& text);
targets::Result<DaemonFacts> DaemonFactsFromJson(const std::string& text);

}  // namespace runner
