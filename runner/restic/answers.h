#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runner/restic/failure.h"
#include "targets/base/result.h"

// What the files that implement Restic share.
namespace runner {

/// A listing of 100,000 snapshots fits.
inline constexpr std::size_t kListingLimit = std::size_t{128} * 1024 * 1024;

/// restic before 0.17 waits 45 seconds for a lock that another process removed between listing and
/// reading.
bool IsLockStall(std::string_view line);

Failure UnknownFailure(const std::string& reason, std::string hint = {});

/// An answer that is not understood.
Failure FromError(const targets::Error& error);

}  // namespace runner
