#include "runner/repository/stale_locks.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/time.h"

namespace runner {
namespace {

constexpr targets::Duration kStaleAfter{30 * 60};  // restic's own limit

enum class LockFate { kLive, kProvenDead, kUnprovenDead, kDangerous };

LockFate Judge(const LockInfo& lock, const ChildLedger& ledger, targets::UnixTime now,
               const std::string& host_name) {
  if (now - lock.time > kStaleAfter) return LockFate::kProvenDead;
  if (lock.hostname != host_name) return LockFate::kLive;
  const auto pid = static_cast<pid_t>(lock.pid);
  if (ledger.WasOurs(pid, lock.time)) {
    // Whoever has the process id now would be sent SIGHUP by unlock.
    return ledger.Alive(pid) ? LockFate::kDangerous : LockFate::kProvenDead;
  }
  if (!ledger.Alive(pid)) return LockFate::kUnprovenDead;
  return ledger.NameOf(pid).starts_with("restic") ? LockFate::kLive : LockFate::kDangerous;
}

std::string Describe(const LockInfo& lock, targets::UnixTime now) {
  return fmt::format("{} lock of process {} on {} by {}, {} old",
                     lock.exclusive ? "an exclusive" : "a shared", lock.pid, lock.hostname,
                     lock.username, targets::FormatDuration(now - lock.time));
}

}  // namespace

Outcome<LockCleanup> CleanUpLocks(Restic& restic, const ChildLedger& ledger, const Clock& clock,
                                  const std::string& host_name, const GatePass& /*pass*/,
                                  StopHandle& stop) {
  const auto locks = restic.Locks(stop);
  if (!locks) return tl::unexpected<Failure>(locks.error());
  const targets::UnixTime now = clock.Now();
  LockCleanup cleanup;
  bool may_unlock = true;
  for (const Restic::Lock& lock : *locks) {
    const LockFate fate = Judge(lock.info, ledger, now, host_name);
    if (fate == LockFate::kProvenDead) {
      ++cleanup.removed;
      if (cleanup.explanation.empty()) cleanup.explanation = "removed " + Describe(lock.info, now);
      continue;
    }
    ++cleanup.left;
    if (fate != LockFate::kLive) may_unlock = false;
  }
  for (const Restic::Lock& lock : *locks) {
    if (Judge(lock.info, ledger, now, host_name) == LockFate::kProvenDead) continue;
    cleanup.explanation = "the repository holds " + Describe(lock.info, now);
    break;
  }
  if (cleanup.removed == 0) return cleanup;
  if (!may_unlock) {
    cleanup.left += cleanup.removed;
    cleanup.removed = 0;
    cleanup.explanation +=
        "; it cannot be proven dead, so nothing is removed before it is 30 minutes old";
    return cleanup;
  }
  if (const auto unlocked = restic.Unlock(stop); !unlocked) {
    return tl::unexpected<Failure>(unlocked.error());
  }
  // `unlock` spares what it takes for alive: a dead process that nobody has reaped yet, say.
  const auto rest = restic.Locks(stop);
  if (!rest) return tl::unexpected<Failure>(rest.error());
  const std::size_t spared = rest->size() > cleanup.left ? rest->size() - cleanup.left : 0;
  if (spared == 0) return cleanup;
  cleanup.removed -= std::min(cleanup.removed, spared);
  cleanup.left = rest->size();
  cleanup.explanation =
      fmt::format("restic did not remove {} yet", Describe(rest->front().info, now));
  return cleanup;
}

}  // namespace runner
