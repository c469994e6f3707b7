#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/b2/watch.h"

namespace runner {

/// What a look at the storage's provider means for a probe.
struct StorageVerdict {
  std::optional<Failure> failure = {};
  std::optional<Failure> warning = {};    // done, but look at it: the key expires soon
  std::vector<std::string> remarks = {};  // to be told once, when they are new

  bool operator==(const StorageVerdict&) const = default;
};

/// Pure. A provider that cannot be asked now is only a remark: restic's own answer counts more.
StorageVerdict JudgeStorage(const B2Look& look);

/// What restic failed with, explained by what the provider says.
Failure Explained(const Failure& restic, const Failure& provider);

}  // namespace runner
