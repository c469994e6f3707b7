#include <fmt/format.h>

#include <algorithm>

#include "runner/keys/crypto.h"
#include "runner/keys/repository_files.h"
#include "runner/repository/snapshot_files.h"

namespace runner {
namespace {

tl::unexpected<Failure> NotStored(Cause cause, std::string reason, std::string hint) {
  return tl::unexpected<Failure>(Failure{cause, std::move(reason), std::move(hint), std::nullopt});
}

}  // namespace

/// A key that is bound to the bucket knows its id already.
Outcome<std::string> B2Files::BucketId(const targets::B2Account& account, StopHandle& stop) {
  if (account.buckets) {
    const auto bound =
        std::ranges::find(*account.buckets, address_.bucket, &targets::B2KeyBucket::name);
    if (bound != account.buckets->end()) return bound->id;
  }
  const auto buckets = client_.FindBucket(account, address_.bucket, stop);
  if (!buckets) return tl::unexpected<Failure>(buckets.error());
  if (buckets->empty() || buckets->front().id.empty())
    return NotStored(Cause::kBucketAbsent, "Backblaze B2 does not know the bucket's id", "");
  return buckets->front().id;
}

Outcome<void> B2Files::Put(const RepositoryFile& file, StopHandle& stop) {
  const auto account = client_.Authorize(key_, stop);
  if (!account) return tl::unexpected<Failure>(account.error());
  if (!account->capabilities.contains("writeFiles"))
    return NotStored(Cause::kKeyRefused, "the application key may not write files", "");
  const auto bucket = BucketId(*account, stop);
  if (!bucket) return tl::unexpected<Failure>(bucket.error());
  const auto sha1 = Sha1Hex(file.content);
  if (!sha1) return NotStored(Cause::kUnknown, sha1.error().message, sha1.error().hint);
  const std::string name =
      fmt::format("{}{}/{}", targets::NamePrefixOf(address_), file.folder, file.name);
  return client_.Upload(*account, *bucket, {name, file.content, *sha1}, stop);
}

Outcome<std::set<targets::SnapshotId>> B2Files::Snapshots(StopHandle& stop) {
  const auto account = client_.Authorize(key_, stop);
  if (!account) return tl::unexpected<Failure>(account.error());
  const auto bucket = BucketId(*account, stop);
  if (!bucket) return tl::unexpected<Failure>(bucket.error());
  const std::string folder = targets::NamePrefixOf(address_) + "snapshots/";
  auto names = client_.ListNames(*account, *bucket, folder, stop);
  if (!names) return tl::unexpected<Failure>(names.error());
  for (std::string& name : *names) name.erase(0, folder.size());
  return SnapshotIdsAmong(*names);
}

}  // namespace runner
