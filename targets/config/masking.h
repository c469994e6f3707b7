#pragma once

#include <span>
#include <string>
#include <string_view>

#include "targets/base/redactor.h"
#include "targets/config/load.h"
#include "targets/config/merge.h"

namespace targets {

/// Whether a key or a variable of this name probably holds a secret: password, account_key,
/// MY_TOKEN, also misspelt. Names that end with _file or _command hold a path.
bool LooksSecret(std::string_view name);

/// Line `index` of a YAML text with everything that may be a secret value replaced by "***". Works
/// on the text alone, so it also holds for files that cannot be parsed.
std::string MaskedLine(std::span<const std::string_view> lines, std::size_t index);

/// A Redactor with the secrets of the environment and of the document.
Redactor CollectSecrets(const LoadInput& input, const Merge& merge);

}  // namespace targets
