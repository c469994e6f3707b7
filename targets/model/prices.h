#pragma once

#include <string>

namespace targets {

/// What the provider of a metered storage bills: only for estimates. The defaults are Backblaze's
/// public ones.
struct Prices {
  std::string currency = "USD";
  double class_b = 0.004;     // for 10,000 calls: downloads, file information
  double class_c = 0.004;     // for 1,000 calls: listings, authorizations
  double free_calls = 2'500;  // of each class, a day
  double storage = 6;         // for a terabyte (10^12 bytes) and a month

  bool operator==(const Prices&) const = default;
};

}  // namespace targets
