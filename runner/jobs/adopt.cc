#include "runner/jobs/adopt.h"

#include <fmt/format.h>

#include "runner/jobs/restore_if_empty.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::AdoptQuestion;
using targets::Snapshot;

constexpr const char* kNew = "new";  // as RestoreIfEmpty decides

tl::unexpected<Failure> Refuse(Cause cause, std::string reason, std::string hint) {
  return tl::unexpected<Failure>(Failure{cause, std::move(reason), std::move(hint), {}});
}

tl::unexpected<Failure> FromError(const targets::Error& error) {
  return Refuse(Cause::kUnknown, error.message, error.hint);
}

}  // namespace

std::string ObjectionToAdoption(const targets::Adoptable& found, const AdoptQuestion& question) {
  if (found.paths.size() < 2) return {};
  return fmt::format("the snapshots of host {} are of different things: {}", question.host,
                     targets::Join(found.paths, "; "));
}

Outcome<targets::Adoptable> Adoption::Find(const AdoptQuestion& question, StopHandle& stop) {
  if (const auto opened = opener_.OpenExisting(stop); !opened)
    return tl::unexpected(opened.error());
  const auto listing = tools_.restic.AllSnapshots(stop);
  if (!listing) return tl::unexpected(listing.error());
  return targets::FindAdoptable(*listing, question);
}

Outcome<AdoptionDone> Adoption::Adopt(const AdoptQuestion& question, StopHandle& stop) {
  const auto lock = tools_.state.TryLockTarget(question.target);
  if (!lock) return FromError(lock.error());
  if (*lock == nullptr) {
    return Refuse(Cause::kSourceInTheWay, "another run of this target is at work",
                  "wait for its end; `runner status` shows it");
  }
  const auto tagged = Tag(question, stop);
  if (!tagged) return tl::unexpected(tagged.error());
  const auto seen = AllowRestore(question.target);
  if (!seen) return tl::unexpected(seen.error());
  return AdoptionDone{*tagged, *seen};
}

/// All of it again under the gate: what was shown to a person may have changed since.
Outcome<std::size_t> Adoption::Tag(const AdoptQuestion& question, StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (!alone) return Refuse(Cause::kLocked, alone.error().message, alone.error().hint);
  const auto found = Find(question, stop);
  if (!found) return tl::unexpected(found.error());
  if (const std::string objection = ObjectionToAdoption(*found, question); !objection.empty())
    return Refuse(Cause::kUsage, objection, "say which with --from-path");
  if (found->snapshots.empty()) return 0;
  std::vector<targets::SnapshotId> ids;
  for (const Snapshot& snapshot : found->snapshots) ids.push_back(snapshot.id);
  const auto added =
      tools_.restic.AddTag(ids, targets::AdoptionTags(question.target, question.instance), stop);
  if (!added) return tl::unexpected(added.error());
  const auto left = Find(question, stop);
  if (!left) return tl::unexpected(left.error());
  if (left->snapshots.empty()) return ids.size();
  return Refuse(Cause::kUnknown,
                fmt::format("restic added the tags, but {} of {} snapshots do not show them",
                            left->snapshots.size(), ids.size()),
                "type the same command again");
}

/// What an empty source once led to was decided without these snapshots.
Outcome<std::uint64_t> Adoption::AllowRestore(const targets::TargetId& target) {
  auto facts = tools_.facts.ReadTarget(target);
  if (!facts) return FromError(facts.error());
  const auto decided = facts->decisions.find(kRestoreDecision);
  if (decided != facts->decisions.end() && decided->second == kNew) {
    facts->decisions.erase(decided);
    if (const auto written = tools_.facts.WriteTarget(target, *facts); !written)
      return FromError(written.error());
  }
  return facts->snapshots_seen;
}

}  // namespace runner
