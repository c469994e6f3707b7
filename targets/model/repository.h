#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "targets/base/secret.h"
#include "targets/base/size.h"
#include "targets/base/time.h"
#include "targets/model/prices.h"
#include "targets/model/schedule.h"
#include "targets/model/target.h"

namespace targets {

/// Where a secret comes from. The pure half never reads files or runs commands: `runner/app`
/// resolves these.
struct InlineSecret {
  Secret value;
  bool operator==(const InlineSecret&) const = default;
};
struct FileSecret {
  std::string path;  // its content, trimmed as restic does
  bool operator==(const FileSecret&) const = default;
};
struct CommandSecret {
  Argv command;  // its standard output, trimmed
  bool operator==(const CommandSecret&) const = default;
};
using SecretSource = std::variant<InlineSecret, FileSecret, CommandSecret>;

struct B2Credentials {
  std::optional<SecretSource> account_id;
  std::optional<SecretSource> account_key;
  bool operator==(const B2Credentials&) const = default;
};

struct RepositoryLimits {
  std::optional<Bytes> upload;    // bytes a second
  std::optional<Bytes> download;  // bytes a second
  std::optional<int> connections;
  /// Of commands other than backups, whose targets say it themselves.
  Duration stall_timeout{600};
  bool operator==(const RepositoryLimits&) const = default;
};

enum class InitRule { kIfMissing, kNever };

/// Whether restic is started with a key of the runner's own, which costs nothing to derive.
enum class MachineKeyRule { kAuto, kOff };

/// The kind of storage, from the url's scheme.
enum class Backend { kLocal, kB2, kS3, kRest, kSftp, kRclone, kOther };
Backend BackendOf(const std::string& url);

/// The one restic repository of this installation.
struct Repository {
  std::string url;  // restic's notation; may hold a password (rest:https://user:password@host/)
  std::optional<SecretSource> password;
  B2Credentials b2;
  InitRule init = InitRule::kIfMissing;
  MachineKeyRule machine_key = MachineKeyRule::kAuto;
  std::string id;  // pinned repository id (64 hex digits), empty: pinned on first use
  RepositoryLimits limits;
  Duration retry_lock{300};
  Prices prices;
  std::map<std::string, std::string>
      environment;  // more variables for restic; values count as secrets

  bool operator==(const Repository&) const = default;
};

struct ProbeJob {
  Schedule schedule;
  bool operator==(const ProbeJob&) const = default;
};
struct PruneJob {
  Schedule schedule;
  std::string max_unused = "5%";  // restic's notation
  std::optional<Bytes> max_repack_size;
  bool operator==(const PruneJob&) const = default;
};
struct CheckJob {
  Schedule schedule;
  int read_data_parts =
      0;  // t of `1/t`: each run reads the next n/t of all packs; 0: structure only
  bool operator==(const CheckJob&) const = default;
};

/// The jobs that belong to the repository, not to a target. An absent one is off.
struct Maintenance {
  std::optional<ProbeJob> probe;
  std::optional<PruneJob> prune;
  std::optional<CheckJob> check;
  bool operator==(const Maintenance&) const = default;
};

}  // namespace targets
