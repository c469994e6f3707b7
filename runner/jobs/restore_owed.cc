#include "runner/jobs/restore_owed.h"

#include <fmt/format.h>

namespace runner {

std::optional<Failure> RestoreOwed(const targets::TargetId& target, const TargetFacts& facts) {
  const auto owed = facts.decisions.find(decision_key::kRestoreOwed);
  if (owed == facts.decisions.end()) return std::nullopt;
  return Failure{
      Cause::kSourceInTheWay,
      fmt::format("snapshot {} was to be restored here and could not be, and other data has "
                  "appeared since",
                  owed->second.substr(0, 8)),
      fmt::format(
          "`runner restore {0} --force` puts the snapshot's files over it; `runner ack {0}` "
          "keeps what is there as it is",
          target.str()),
      std::nullopt};
}

}  // namespace runner
