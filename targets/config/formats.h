#pragma once

#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// Checks a string against one of the schema's `format` names ("duration", "cron", "absolute-path",
/// ...). The message quotes the value, except for the secret formats. An unknown format accepts
/// everything.
Status CheckFormat(std::string_view format, const std::string& text);

/// "50%" or "0.5" as a share of 1. REQUIRES: the "share" format accepts `text`.
double ShareOf(const std::string& text);

/// The name that a target's variables carry: "my-photos" is "MY_PHOTOS".
std::string EnvironmentForm(std::string_view target_id);

}  // namespace targets
