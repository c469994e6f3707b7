#pragma once

#include <memory>
#include <string>

#include "runner/app/machine.h"
#include "runner/keys/key_keeper.h"
#include "runner/net/https_transport.h"
#include "runner/state/state_folder.h"

namespace runner {

/// The files of the repository of a configuration, without restic, with what they need to get
/// there.
class RepositoryAccess {
 public:
  /// `b2`: nullptr if there is no way to Backblaze B2. The arguments but `secrets` outlive it.
  RepositoryAccess(Machine& machine, const targets::Config& config, const ResolvedSecrets& secrets,
                   B2Client* b2);

  /// nullptr: only restic can get there.
  [[nodiscard]] RepositoryFiles* files() { return files_.get(); }

 private:
  std::unique_ptr<HttpsTransport> transport_;
  std::unique_ptr<RepositoryFiles> files_;
};

KeyRecordStore KeyRecords(FileSystem& files, const targets::Config& config);

/// The id of the repository that this installation belongs to; empty: not known yet.
std::string ExpectedRepository(FileSystem& files, const targets::Config& config);

/// Uses the machine key that is kept, if there is one, and tells the console to keep it to itself.
/// For commands that change nothing.
void UseKeptKey(Machine& machine, const targets::Config& config, const targets::Secret& password,
                KeyChoice& choice);

}  // namespace runner
