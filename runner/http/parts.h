#pragma once

#include <optional>

#include "runner/http/html.h"
#include "runner/http/run_digest.h"
#include "runner/status/report.h"
#include "targets/schedule/zone.h"

namespace runner {

/// Pieces that several pages share. Pure. Colour is never the only sign: a symbol and a word stand
/// beside it.

/// "ok", "failed", ... with its symbol.
Html StateBadge(StatusWord word, HealthLevel level);

/// "2h ago" or "in 2h", with the whole date behind it for who points at it.
Html TimeTag(targets::UnixTime time, targets::UnixTime now, const targets::Zone& zone);
/// The same; "never" if there is none.
Html MomentOrNever(std::optional<targets::UnixTime> time, targets::UnixTime now,
                   const targets::Zone& zone);

/// When the next run is.
Html NextDue(const std::optional<NextRun>& next, targets::UnixTime now, const targets::Zone& zone);

/// What is wrong, and what can be done about it; nothing if nothing is.
Html ProblemList(const std::vector<Problem>& problems);

/// A picture of thirty days, a bar for each; its description counts them.
Html StripPicture(const Strip& strip);

/// The size of the source over thirty days as a line, and by how much it grew; nothing if it was
/// never counted.
Html GrowthPicture(const Strip& strip);

/// The newest size in it.
std::optional<targets::Bytes> NewestSize(const Strip& strip);

}  // namespace runner
