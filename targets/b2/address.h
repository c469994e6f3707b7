#pragma once

#include <optional>
#include <string>

namespace targets {

/// Which of Backblaze's interfaces restic uses.
enum class B2Interface { kNative, kS3 };

/// Where on Backblaze B2 a repository lies.
struct B2Address {
  B2Interface interface = B2Interface::kNative;
  std::string region = {};  // "us-west-004"; empty for kNative: the account decides
  std::string bucket = {};
  std::string path = {};  // without slashes at either end; empty: the whole bucket

  bool operator==(const B2Address&) const = default;
};

/// Reads `b2:BUCKET:PATH` and `s3:https://s3.REGION.backblazeb2.com/BUCKET/PATH` as restic does;
/// nullopt for any other storage.
std::optional<B2Address> B2AddressOf(const std::string& url);

/// What the name of every file of the repository starts with: "PATH/", or nothing.
std::string NamePrefixOf(const B2Address& address);

}  // namespace targets
