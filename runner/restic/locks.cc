#include <algorithm>

#include "runner/restic/answers.h"
#include "runner/restic/restic.h"
#include "targets/base/text.h"

namespace runner {

bool IsLockStall(std::string_view line) {
  return line.starts_with("Load(<lock/") &&
         line.find("returned error, retrying") != std::string_view::npos;
}

Failure UnknownFailure(const std::string& reason, std::string hint) {
  return {Cause::kUnknown, targets::OneLine(reason), std::move(hint), std::nullopt};
}

Failure FromError(const targets::Error& error) { return UnknownFailure(error.message, error.hint); }

Outcome<std::vector<std::string>> Restic::LockIds(StopHandle& stop) {
  ProcessSpec spec = Question(commands_.ListLocks());
  spec.stdout_tail = kListingLimit;
  const auto result = Checked(Run(std::move(spec), stop));
  if (!result) return tl::unexpected(result.error());
  auto ids = ParseIdLines(result->stdout_tail);
  if (!ids) return tl::unexpected(FromError(ids.error()));
  return *std::move(ids);
}

Outcome<LockInfo> Restic::ReadLock(const std::string& id, StopHandle& stop) {
  ProcessSpec spec = Question(commands_.CatLock(id));
  spec.on_stderr_line = [](std::string_view line) {
    return IsLockStall(line) ? LineVerdict::kStop : LineVerdict::kContinue;
  };
  const auto result = Checked(Run(std::move(spec), stop));
  if (!result) return tl::unexpected(result.error());
  const auto info = ParseLock(result->stdout_tail);
  if (!info) return tl::unexpected(FromError(info.error()));
  return *info;
}

Outcome<std::vector<Restic::Lock>> Restic::Locks(StopHandle& stop) {
  const auto ids = LockIds(stop);
  if (!ids) return tl::unexpected(ids.error());
  std::vector<Lock> locks;
  for (const std::string& id : *ids) {
    const auto info = ReadLock(id, stop);
    if (info) {
      locks.push_back({id, *info});
      continue;
    }
    // Its owner may have removed it meanwhile.
    const auto now = LockIds(stop);
    if (!now) return tl::unexpected(now.error());
    if (std::ranges::find(*now, id) != now->end()) return tl::unexpected(info.error());
  }
  return locks;
}

Outcome<void> Restic::Unlock(StopHandle& stop) {
  const auto result = Checked(Run(Question(commands_.Unlock()), stop));
  if (!result) return tl::unexpected(result.error());
  return {};
}

}  // namespace runner
