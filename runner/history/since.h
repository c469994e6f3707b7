#pragma once

#include <string_view>

#include "targets/base/result.h"
#include "targets/base/time.h"
#include "targets/schedule/zone.h"

namespace runner {

/// What a person means by "since": a length of time before `now` ("7d"), a day ("2026-11-20", from
/// its midnight in `zone`), or an instant (RFC 3339).
targets::Result<targets::UnixTime> ParseSince(std::string_view text, targets::UnixTime now,
                                              const targets::Zone& zone);

}  // namespace runner
