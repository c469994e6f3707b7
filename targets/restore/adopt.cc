#include "targets/restore/adopt.h"

#include <algorithm>
#include <tuple>

#include "targets/base/text.h"
#include "targets/model/target.h"

namespace targets {
namespace {

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

bool Matches(const Snapshot& snapshot, const std::string& host, const std::string& path) {
  if (snapshot.hostname != host) return false;
  return path.empty() || (snapshot.paths.size() == 1 && snapshot.paths.front() == path);
}

bool OfAnotherTarget(const Snapshot& snapshot, const TargetId& target) {
  const std::string own = IdentityTag(target);
  return std::ranges::any_of(snapshot.tags, [&](const std::string& tag) {
    return tag.starts_with("target:") && tag != own;
  });
}

}  // namespace

std::string AdoptedTag(const InstanceName& instance) { return "adopted:" + instance.str(); }

std::string AdoptionTags(const TargetId& target, const InstanceName& instance) {
  return IdentityTag(target) + "," + AdoptedTag(instance);
}

bool MayRestore(const Snapshot& snapshot, const TargetId& target, const InstanceName& instance) {
  return snapshot.HasTag(IdentityTag(target)) &&
         (snapshot.hostname == instance.str() || snapshot.HasTag(AdoptedTag(instance)));
}

Adoptable FindAdoptable(const std::vector<Snapshot>& listing, const AdoptQuestion& question) {
  const std::string path = WithoutTrailingSlashes(question.path);
  Adoptable found;
  for (const Snapshot& snapshot : listing) {
    if (!Matches(snapshot, question.host, path)) continue;
    if (OfAnotherTarget(snapshot, question.target)) {
      ++found.of_other_targets;
    } else if (MayRestore(snapshot, question.target, question.instance)) {
      ++found.already;
    } else {
      found.snapshots.push_back(snapshot);
      found.paths.push_back(Join(snapshot.paths, ", "));
    }
  }
  std::ranges::sort(found.snapshots, {}, [](const Snapshot& snapshot) {
    return std::tuple(snapshot.time, snapshot.nanoseconds, snapshot.id.str());
  });
  std::ranges::sort(found.paths);
  const auto rest = std::ranges::unique(found.paths);
  found.paths.erase(rest.begin(), rest.end());
  return found;
}

}  // namespace targets
