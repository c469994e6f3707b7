#pragma once

#include <array>
#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// The texts of the five fields, in their order.
using CronFields = std::array<std::string_view, 5>;

/// Cuts an expression into its fields and replaces @daily and its kind. Explains what is not one: a
/// sixth field, a comment, a crontab line with its command, @reboot. The fields point into `text`
/// or into constants.
Result<CronFields> SplitCronText(std::string_view text);

/// The expression as error messages show it: quoted, on one line, not too long.
std::string QuoteCronText(std::string_view text);

}  // namespace targets
