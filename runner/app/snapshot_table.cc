#include "runner/app/snapshot_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Snapshot;

std::string OtherTags(const Snapshot& snapshot) {
  std::vector<std::string> tags;
  for (const std::string& tag : snapshot.tags) {
    if (!tag.starts_with("target:")) tags.push_back(tag);
  }
  return targets::Join(tags, ",");
}

}  // namespace

std::string TargetOf(const Snapshot& snapshot) {
  constexpr std::string_view kPrefix = "target:";
  for (const std::string& tag : snapshot.tags) {
    if (tag.starts_with(kPrefix)) return tag.substr(kPrefix.size());
  }
  return "-";
}

std::string SnapshotTable(const std::vector<Snapshot>& snapshots, const targets::Zone& zone) {
  std::size_t target_width = 6;
  std::size_t host_width = 4;
  for (const Snapshot& snapshot : snapshots) {
    target_width = std::max(target_width, TargetOf(snapshot).size());
    host_width = std::max(host_width, snapshot.hostname.size());
  }
  std::string out = fmt::format("{:<8}  {:<25}  {:<{}}  {:<{}}  {}\n", "ID", "TIME", "TARGET",
                                target_width, "HOST", host_width, "PATHS");
  for (const Snapshot& snapshot : snapshots) {
    std::string paths = targets::Join(snapshot.paths, ", ");
    if (const std::string tags = OtherTags(snapshot); !tags.empty()) paths += "  [" + tags + "]";
    out += fmt::format("{:<8}  {:<25}  {:<{}}  {:<{}}  {}\n", snapshot.id.str().substr(0, 8),
                       zone.FormatRfc3339(snapshot.time), TargetOf(snapshot), target_width,
                       snapshot.hostname, host_width, paths);
  }
  return out + fmt::format("{} snapshot{}\n", snapshots.size(), snapshots.size() == 1 ? "" : "s");
}

}  // namespace runner
