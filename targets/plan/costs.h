#pragma once

#include <optional>
#include <string>

#include "targets/base/result.h"
#include "targets/base/size.h"
#include "targets/base/time.h"
#include "targets/model/config.h"

namespace targets {

/// What a month (30 days) of a configuration's schedules costs at Backblaze B2, roughly.
struct CostEstimate {
  double class_b = 0;                 // calls a month
  double class_c = 0;                 // calls a month
  double calls_price = 0;             // what of them is not free
  std::optional<Bytes> storage = {};  // what the repository holds; absent: nobody asked
  double storage_price = 0;           // of `storage`, a month
  std::string currency = {};

  bool operator==(const CostEstimate&) const = default;
};

/// The billed calls of each restic command were counted against a B2 server that four independent
/// clients agree with (docs/b2.md); counts of unchanged data, and what has to be read or deleted
/// comes on top. nullopt: the repository is not at Backblaze. Runs at the daemon's start and those
/// by hand do not count. Errors: a zone or an expression that does not exist.
Result<std::optional<CostEstimate>> EstimateCosts(const Config& config, UnixTime at,
                                                  std::optional<Bytes> stored);

/// "41 class B and 1,200 class C calls ..." for people; ends with what it rests on.
std::string DescribeCosts(const CostEstimate& estimate);

}  // namespace targets
