#include <algorithm>

#include "tests/support/b2_server/store.h"

namespace runner::testing::b2 {
namespace {

/// The folder of `name` below the prefix, with the delimiter at its end; "" if it is in none.
std::string FolderOf(const std::string& name, const ListQuery& query) {
  if (query.delimiter.empty()) return "";
  const std::size_t at = name.find(query.delimiter, query.prefix.size());
  return at == std::string::npos ? "" : name.substr(0, at + query.delimiter.size());
}

std::vector<FileVersion> VisibleOf(const std::vector<FileVersion>& versions) {
  for (const FileVersion& version : versions) {
    if (version.action == Action::kUpload) return {version};
    if (version.action == Action::kHide) break;
  }
  return {};
}

/// Of the first name: what is not newer than the version with which the page starts.
std::vector<FileVersion> FromStart(const std::vector<FileVersion>& versions,
                                   const ListQuery& query) {
  std::vector<FileVersion> rest;
  for (const FileVersion& version : versions) {
    const bool before =
        !query.start_id.empty() && version.name == query.start_name && version.id > query.start_id;
    if (!before) rest.push_back(version);
  }
  return rest;
}

/// Fills one page from names in order; `choose` picks what of one name's versions is listed.
template <typename Files, typename Choose>
Listing Page(const Files& files, const ListQuery& query, const Choose& choose) {
  Listing listing;
  std::string folder;
  for (auto entry = files.lower_bound(std::max(query.start_name, query.prefix));
       entry != files.end() && entry->first.starts_with(query.prefix); ++entry) {
    const auto& [name, versions] = *entry;
    if (!folder.empty() && name.starts_with(folder)) continue;
    std::vector<FileVersion> chosen = choose(versions);
    if (chosen.empty()) continue;
    folder = FolderOf(name, query);
    if (!folder.empty()) chosen = {{.name = folder, .action = Action::kFolder}};
    for (FileVersion& version : chosen) {
      if (listing.files.size() == query.max) {
        listing.next = std::move(version);
        return listing;
      }
      listing.files.push_back(std::move(version));
    }
  }
  return listing;
}

}  // namespace

Outcome<Listing> Store::ListNames(const std::string& bucket_id, const ListQuery& query) const {
  const Shelf* shelf = ShelfOf(bucket_id);
  if (shelf == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  return Page(shelf->files, query, VisibleOf);
}

Outcome<Listing> Store::ListVersions(const std::string& bucket_id, const ListQuery& query) const {
  const Shelf* shelf = ShelfOf(bucket_id);
  if (shelf == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  if (!query.start_id.empty() && query.start_name.empty())
    return BadRequest("startFileId needs startFileName");
  return Page(shelf->files, query,
              [&](const Versions& versions) { return FromStart(versions, query); });
}

Outcome<std::vector<FileVersion>> Store::Unfinished(const std::string& bucket_id) const {
  const Shelf* shelf = ShelfOf(bucket_id);
  if (shelf == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  std::vector<FileVersion> unfinished;
  for (const auto& [name, versions] : shelf->files) {
    std::copy_if(versions.begin(), versions.end(), std::back_inserter(unfinished),
                 [](const FileVersion& version) { return version.action == Action::kStart; });
  }
  return unfinished;
}

}  // namespace runner::testing::b2
