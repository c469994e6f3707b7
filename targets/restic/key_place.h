#pragma once

#include <string>

namespace targets {

/// The ways in which the runner can put a key file of its own into a repository.
enum class KeyPlaceKind {
  kNone,  // this storage is restic's alone
  kFolder,
  kRest,
  kBackblaze,  // natively, or by its S3 endpoint with the same key
};

KeyPlaceKind KeyPlaceOf(const std::string& url);

/// "/srv/repo" of "/srv/repo" and of "local:/srv/repo"; empty: no absolute path.
std::string RepositoryFolderOf(const std::string& url);

}  // namespace targets
