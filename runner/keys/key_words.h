#pragma once

#include <optional>
#include <string>

#include "runner/keys/key_record.h"
#include "targets/model/config.h"

namespace runner {

/// How it stands with the machine key, in half a sentence: "in use since 2026-11-24 (1f3a5b7c)".
/// `repository`: the pinned id; empty: none. Empty: nothing worth saying.
std::string KeyWords(const targets::Config& config,
                     const targets::Result<std::optional<KeyRecord>>& record,
                     const std::string& repository);

}  // namespace runner
