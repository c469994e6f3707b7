#pragma once

#include <map>
#include <set>
#include <string>

#include "runner/b2/client.h"
#include "runner/base/file_system.h"
#include "runner/net/http.h"
#include "runner/restic/restic.h"
#include "targets/b2/address.h"
#include "targets/model/snapshot.h"

namespace runner {

/// "keys/<id>" and what is in it.
struct RepositoryFile {
  std::string folder;
  std::string name;
  std::string content;

  bool operator==(const RepositoryFile&) const = default;
};

/// The files of a repository, wherever that lies, without restic. A file is there whole or not at
/// all: a key that is half there could keep everybody out.
class RepositoryFiles {
 public:
  virtual ~RepositoryFiles() = default;
  /// An error: it may be there nevertheless. REQUIRES: the folder exists.
  virtual Outcome<void> Put(const RepositoryFile& file, StopHandle& stop) = 0;
  /// Everybody's snapshots, by the names of their files.
  virtual Outcome<std::set<targets::SnapshotId>> Snapshots(StopHandle& stop) = 0;
};

/// A repository in a folder of this machine. Files get the rights of the repository's `config`.
class FolderFiles final : public RepositoryFiles {
 public:
  /// kAsTheFolder, for a root whose jobs run as somebody else: a file belongs to the owner of its
  /// folder.
  enum class Owner { kThisProcess, kAsTheFolder };

  /// `files` outlives it.
  FolderFiles(FileSystem& files, std::string repository, Owner owner)
      : files_(files), repository_(std::move(repository)), owner_(owner) {}

  Outcome<void> Put(const RepositoryFile& file, StopHandle& stop) override;
  Outcome<std::set<targets::SnapshotId>> Snapshots(StopHandle& stop) override;

 private:
  FileSystem& files_;
  std::string repository_;
  Owner owner_;
};

/// restic's REST server.
class RestFiles final : public RepositoryFiles {
 public:
  /// `url`: "rest:https://user:password@host/path"; user and password may also come from
  /// RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD in `environment`. `transport` outlives it.
  RestFiles(HttpTransport& transport, std::string url,
            const std::map<std::string, std::string>& environment);

  Outcome<void> Put(const RepositoryFile& file, StopHandle& stop) override;
  Outcome<std::set<targets::SnapshotId>> Snapshots(StopHandle& stop) override;

 private:
  HttpTransport& transport_;
  std::string url_;
  std::string authorization_;  // empty: none
};

/// Backblaze B2 by its native interface, whichever one restic uses.
class B2Files final : public RepositoryFiles {
 public:
  /// `client` outlives it.
  B2Files(B2Client& client, B2Key key, targets::B2Address address)
      : client_(client), key_(std::move(key)), address_(std::move(address)) {}

  Outcome<void> Put(const RepositoryFile& file, StopHandle& stop) override;
  Outcome<std::set<targets::SnapshotId>> Snapshots(StopHandle& stop) override;

 private:
  Outcome<std::string> BucketId(const targets::B2Account& account, StopHandle& stop);

  B2Client& client_;
  B2Key key_;
  targets::B2Address address_;
};

}  // namespace runner
