#pragma once

#include <array>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "targets/model/retention.h"
#include "targets/model/snapshot.h"
#include "targets/retention/decide.h"

namespace targets {

/// Random histories and policies for the comparison of Decide() with restic; the same ones for the
/// same seed.
using Random = std::mt19937;

inline constexpr const char* kZones[] = {
    "UTC",          "Europe/Berlin",       "America/New_York", "Europe/London",
    "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana",   "Pacific/Apia",
    "Africa/Cairo", "America/St_Johns",    "Asia/Tokyo",       "America/Santiago"};

int Pick(Random& random, int low, int high);
bool Chance(Random& random, int percent);

template <typename Container>
const auto& PickOne(Random& random, const Container& values) {
  return values[static_cast<std::size_t>(Pick(random, 0, static_cast<int>(std::size(values)) - 1))];
}

/// Up to 40 snapshots without ids, in one of the rhythms that real histories have; most carry the
/// offset of the zone.
std::vector<Snapshot> RandomHistory(Random& random, const std::string& host,
                                    const std::string& zone_name, UnixTime now);

/// A policy with at least one rule, of the kind that a restic with these rules accepts; min_keep is
/// 0.
Retention RandomPolicy(Random& random, RetentionRules rules);

}  // namespace targets
