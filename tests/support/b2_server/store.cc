#include "tests/support/b2_server/store.h"

#include <fmt/format.h>

#include <algorithm>

namespace runner::testing::b2 {

const Store::Shelf* Store::ShelfOf(const std::string& bucket_id) const {
  const auto found = shelves_.find(bucket_id);
  return found == shelves_.end() ? nullptr : &found->second;
}

Outcome<Bucket> Store::AddBucket(const std::string& name, const BucketSettings& settings) {
  if (name.size() < 6 || name.size() > 63) return BadRequest("Invalid bucketName: " + name);
  if (BucketNamed(name))
    return Refuse(400, "duplicate_bucket_name", "Bucket name is already in use.");
  const Bucket bucket{fmt::format("{:024x}", 0xb2000000U + ++last_bucket_), name, settings};
  shelves_[bucket.id].bucket = bucket;
  return bucket;
}

Outcome<Bucket> Store::UpdateBucket(const std::string& id, const BucketSettings& settings,
                                    std::optional<std::int64_t> if_revision) {
  if (auto found = FindBucket(id); !found) return found;
  Bucket& bucket = shelves_[id].bucket;
  if (if_revision && *if_revision != bucket.revision)
    return Refuse(409, "conflict", "Another client changed the bucket");
  bucket.settings = settings;
  ++bucket.revision;
  return bucket;
}

Outcome<Bucket> Store::RemoveBucket(const std::string& id) {
  Outcome<Bucket> found = FindBucket(id);
  if (!found) return found;
  if (!shelves_[id].files.empty())
    return Refuse(400, "cannot_delete_non_empty_bucket", "Cannot delete non-empty bucket");
  shelves_.erase(id);
  return found;
}

Outcome<Bucket> Store::FindBucket(const std::string& id) const {
  const Shelf* shelf = ShelfOf(id);
  if (shelf == nullptr) return Refuse(400, "bad_bucket_id", "Bucket does not exist: " + id);
  return shelf->bucket;
}

Outcome<Bucket> Store::BucketNamed(const std::string& name) const {
  for (const auto& [id, shelf] : shelves_) {
    if (shelf.bucket.name == name) return shelf.bucket;
  }
  return Refuse(404, "not_found", "Bucket does not exist: " + name);
}

std::vector<Bucket> Store::Buckets() const {
  std::vector<Bucket> buckets;
  for (const auto& [id, shelf] : shelves_) buckets.push_back(shelf.bucket);
  return buckets;
}

FileVersion Store::Make(const std::string& bucket_id, NewFile file, Action action) {
  // The numbers grow, so that of two versions the newer has the greater id.
  return {.id = fmt::format("4_z{}_f{:012}_u{}", bucket_id, ++last_file_, now_()),
          .bucket_id = bucket_id,
          .name = std::move(file.name),
          .action = action,
          .content = std::move(file.content),
          .sha1 = std::move(file.sha1),
          .content_type = std::move(file.content_type),
          .info = std::move(file.info),
          .time_ms = now_()};
}

FileVersion Store::Put(FileVersion version) {
  places_[version.id] = {version.bucket_id, version.name};
  Versions& versions = shelves_[version.bucket_id].files[version.name];
  return *versions.insert(versions.begin(), std::move(version));
}

void Store::Take(const FileVersion& version) {
  auto& files = shelves_[version.bucket_id].files;
  Versions& versions = files[version.name];
  std::erase_if(versions, [&](const FileVersion& other) { return other.id == version.id; });
  if (versions.empty()) files.erase(version.name);
  places_.erase(version.id);
  parts_.erase(version.id);
}

Outcome<FileVersion> Store::Upload(const std::string& bucket_id, NewFile file) {
  if (ShelfOf(bucket_id) == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  if (file.name.empty()) return BadRequest("File names must contain at least one character");
  return Put(Make(bucket_id, std::move(file), Action::kUpload));
}

Outcome<FileVersion> Store::Hide(const std::string& bucket_id, const std::string& name) {
  if (!Visible(bucket_id, name)) return Refuse(400, "no_such_file", "File not present: " + name);
  return Put(Make(bucket_id, {.name = name, .content_type = "application/x-bz-hide-marker"},
                  Action::kHide));
}

Outcome<FileVersion> Store::Delete(const std::string& name, const std::string& id) {
  Outcome<FileVersion> version = Version(id);
  if (!version || version->name != name)
    return Refuse(400, "file_not_present", "File not present: " + name + " " + id);
  Take(*version);
  return version;
}

Outcome<FileVersion> Store::Visible(const std::string& bucket_id, const std::string& name) const {
  const Shelf* shelf = ShelfOf(bucket_id);
  if (shelf == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  const auto found = shelf->files.find(name);
  if (found == shelf->files.end()) return NoSuchFile();
  for (const FileVersion& version : found->second) {
    if (version.action == Action::kUpload) return version;
    if (version.action == Action::kHide) break;
  }
  return NoSuchFile();
}

Outcome<FileVersion> Store::Version(const std::string& id) const {
  const auto place = places_.find(id);
  if (place != places_.end()) {
    const auto& [bucket_id, name] = place->second;
    for (const FileVersion& version : shelves_.at(bucket_id).files.at(name)) {
      if (version.id == id) return version;
    }
  }
  return Refuse(404, "not_found", "file_state_none: " + id);
}

Outcome<FileVersion> Store::StartLarge(const std::string& bucket_id, NewFile file) {
  if (ShelfOf(bucket_id) == nullptr) return tl::unexpected(FindBucket(bucket_id).error());
  file.sha1 = "none";
  return Put(Make(bucket_id, std::move(file), Action::kStart));
}

Outcome<FileVersion> Store::UnfinishedOne(const std::string& id) const {
  Outcome<FileVersion> version = Version(id);
  if (!version || version->action != Action::kStart)
    return BadRequest("No active upload for: " + id);
  return version;
}

Outcome<Part> Store::AddPart(const std::string& id, Part part) {
  if (auto version = UnfinishedOne(id); !version) return tl::unexpected(version.error());
  if (part.number < 1 || part.number > 10000)
    return BadRequest("partNumber must be between 1 and 10000");
  part.time_ms = now_();
  parts_[id][part.number] = part;
  return part;
}

Outcome<FileVersion> Store::FinishLarge(const std::string& id,
                                        const std::vector<std::string>& sha1s) {
  Outcome<FileVersion> version = UnfinishedOne(id);
  if (!version) return version;
  const std::map<int, Part>& parts = parts_[id];
  if (sha1s.empty() || parts.size() != sha1s.size())
    return BadRequest("The number of parts differs from the length of partSha1Array");
  std::string whole;
  int number = 0;
  for (const auto& [part_number, part] : parts) {
    if (part_number != ++number) return BadRequest("Part number " + std::to_string(number));
    if (part.sha1 != sha1s[static_cast<std::size_t>(number) - 1])
      return BadRequest("Sha1 of part " + std::to_string(number) + " does not match");
    whole += *part.content;
  }
  FileVersion finished = *version;
  finished.action = Action::kUpload;
  finished.content = std::make_shared<const std::string>(std::move(whole));
  parts_.erase(id);
  Versions& versions = shelves_[finished.bucket_id].files[finished.name];
  return *std::find_if(versions.begin(), versions.end(),
                       [&](const FileVersion& other) { return other.id == id; }) = finished;
}

Outcome<FileVersion> Store::CancelLarge(const std::string& id) {
  Outcome<FileVersion> version = UnfinishedOne(id);
  if (version) Take(*version);
  return version;
}

Outcome<std::vector<Part>> Store::Parts(const std::string& id) const {
  if (auto version = UnfinishedOne(id); !version) return tl::unexpected(version.error());
  std::vector<Part> list;
  if (const auto found = parts_.find(id); found != parts_.end()) {
    for (const auto& [number, part] : found->second) list.push_back(part);
  }
  return list;
}

}  // namespace runner::testing::b2
