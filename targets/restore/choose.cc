#include "targets/restore/choose.h"

#include <fmt/format.h>

#include <tuple>

#include "targets/model/target.h"

namespace targets {
namespace {

auto Age(const Snapshot& snapshot) {
  return std::tuple(snapshot.time, snapshot.nanoseconds, snapshot.id.str());
}

}  // namespace

const Snapshot* NewestGoodUntil(const std::vector<Snapshot>& snapshots, UnixTime time) {
  const Snapshot* newest = nullptr;
  for (const Snapshot& snapshot : snapshots) {
    if (snapshot.HasTag(kQuarantineTag) || snapshot.time > time) continue;
    if (newest == nullptr || Age(snapshot) > Age(*newest)) newest = &snapshot;
  }
  return newest;
}

const Snapshot* NewestGood(const std::vector<Snapshot>& snapshots, UnixTime now) {
  return NewestGoodUntil(snapshots, now + kClockTolerance);
}

NamedSnapshot FindByPrefix(const std::vector<Snapshot>& snapshots, const std::string& prefix) {
  NamedSnapshot named;
  for (const Snapshot& snapshot : snapshots) {
    if (prefix.empty() || !snapshot.id.str().starts_with(prefix)) continue;
    if (named.snapshot != nullptr)
      return {nullptr, fmt::format("several snapshots have an id that begins with {}", prefix)};
    named.snapshot = &snapshot;
  }
  if (named.snapshot == nullptr)
    named.problem = fmt::format("no snapshot of this target has an id that begins with {}", prefix);
  return named;
}

}  // namespace targets
