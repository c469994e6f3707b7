#pragma once

#include <string>
#include <vector>

#include "targets/model/repository.h"
#include "targets/model/retention.h"
#include "targets/model/schedule.h"
#include "targets/model/target.h"
#include "targets/plan/facts.h"
#include "targets/schedule/zone.h"

namespace targets {

/// The words that a plan uses for parts of a configuration. Pure.

/// "30 2 * * *, jitter up to 10m", "every 6h", "only by hand".
std::string DescribeSchedule(const Schedule& schedule);
/// "7 daily, 4 weekly, all within 30d"; "everything for ever" for an empty policy.
std::string DescribeRetention(const Retention& retention);
/// "now: keeps 10 of 12 snapshots"; empty if it is not known.
std::string DescribePreview(const TargetFacts& facts);
/// The folder, or the command line.
std::string DescribeSource(const Source& source);
/// One sentence for each guard that is on.
std::vector<std::string> DescribeGuards(const Guards& guards);
/// "Backblaze B2", "folder", ...
std::string DescribeBackend(Backend backend);
/// What restore-if-empty would do now, and why. `now` and `zone` are for the age of a snapshot.
std::string DescribeRestore(const Target& target, const TargetFacts& facts, UnixTime now,
                            const Zone& zone);
/// What is wrong with the source now, as warnings.
std::vector<std::string> SourceWarnings(const Target& target, const TargetFacts& facts);

}  // namespace targets
