#include "targets/restore/decide.h"

#include <fmt/format.h>

#include "targets/restore/choose.h"

namespace targets {
namespace {

using Kind = EmptySourceDecision::Kind;

std::string Describe(const Snapshot& snapshot) {
  return fmt::format("{} of {}", snapshot.id.str().substr(0, 8), FormatRfc3339(snapshot.time));
}

std::string Count(std::size_t count) {
  return fmt::format("{} snapshot{}", count, count == 1 ? "" : "s");
}

std::string RestoreHint(const Target& target) {
  return fmt::format("is the right volume mounted? If its data is lost, type `runner restore {}`",
                     target.id.str());
}

EmptySourceDecision WithoutSnapshots(const EmptySource& source) {
  if (source.snapshots_seen > 0) {
    return {Kind::kBlocked, nullptr,
            fmt::format("source empty, and of its {} snapshots the repository lists none",
                        source.snapshots_seen),
            "is repository.url right, and does another program delete snapshots?"};
  }
  if (source.target.restore.on_missing == OnMissing::kFail) {
    return {Kind::kFailed, nullptr, "source empty, and there is no snapshot of it to restore",
            "restore_if_empty.on_missing: fail demands one"};
  }
  return {Kind::kNewTarget, nullptr, "source empty and never backed up: a new target", ""};
}

/// Why the newest good snapshot is not restored without being asked; empty: it is.
std::string Objection(const EmptySource& source, const Snapshot& newest) {
  if (!source.target.restore.if_empty) return "restore_if_empty is off";
  if (source.snapshots_seen > 0) return "this installation has backed it up before";
  if (source.restored_before) return "this installation has restored it before";
  if (source.known_new) return "it was a new target when this installation first saw it";
  const auto& max_age = source.target.restore.max_age;
  if (max_age && source.now - newest.time > *max_age)
    return fmt::format("it is older than restore_if_empty.max_age, {}", FormatDuration(*max_age));
  return {};
}

}  // namespace

EmptySourceDecision DecideEmptySource(const EmptySource& source) {
  if (source.snapshots.empty()) return WithoutSnapshots(source);
  const std::string count = Count(source.snapshots.size());
  const Snapshot* newest = NewestGood(source.snapshots, source.now);
  if (newest == nullptr) {
    return {Kind::kBlocked, nullptr,
            fmt::format("source empty, and the repository has {} of it, but each is quarantined or "
                        "dated in the future",
                        count),
            fmt::format("look at them with `runner snapshots {0}`, then type `runner restore {0} "
                        "--snapshot ID`",
                        source.target.id.str())};
  }
  const std::string objection = Objection(source, *newest);
  if (objection.empty())
    return {Kind::kRestore, newest, "source empty: restoring " + Describe(*newest), ""};
  return {Kind::kBlocked, nullptr,
          fmt::format("source empty, but the repository has {} of it, the newest is {}; not "
                      "restored by itself: {}",
                      count, Describe(*newest), objection),
          RestoreHint(source.target)};
}

}  // namespace targets
