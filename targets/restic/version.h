#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// A release of restic. The default is what Debian 12 ships, the oldest that is supported.
struct ResticVersion {
  int major = 0;
  int minor = 14;
  int patch = 0;

  auto operator<=>(const ResticVersion&) const = default;
};

/// Reads the first line of `restic version`, text or JSON ("restic 0.14.0 compiled with ...",
/// "restic 0.18.0-dev ...").
Result<ResticVersion> ParseResticVersion(std::string_view output);

std::string FormatResticVersion(const ResticVersion& version);

}  // namespace targets
