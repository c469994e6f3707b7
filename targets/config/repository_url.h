#pragma once

#include <string>

#include "targets/base/result.h"

namespace targets {

/// Checks a repository's url in restic's notation: a known scheme with something behind it, or an
/// absolute path. Passwords inside the url never get into the message.
Status CheckRepositoryUrl(const std::string& url);

}  // namespace targets
