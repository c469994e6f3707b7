#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/strong_id.h"
#include "targets/model/notify.h"
#include "targets/model/repository.h"
#include "targets/model/server.h"
#include "targets/model/target.h"

namespace targets {

/// Where an effective value came from: "default", "backup.yaml:23:5" or "env
/// BACKUP_TARGET_PHOTOS__SCHEDULE".
using Origin = std::string;

/// JSON pointer into the effective configuration ("/targets/photos/retention/daily") -> origin, for
/// every leaf that is not a default.
using OriginMap = std::map<std::string, Origin>;

/// Who the jobs run as when the runner itself is root.
struct RunAs {
  unsigned uid = 0;
  unsigned gid = 0;
  bool operator==(const RunAs&) const = default;
};

enum class LogFormat { kText, kJson };

struct Logging {
  LogFormat format = LogFormat::kText;
  bool debug = false;
  std::string dir;  // rotating files are written here; empty: standard output only
  bool operator==(const Logging&) const = default;
};

struct History {
  Duration keep{400 * 24 * 3600};  // older runs are removed
  bool operator==(const History&) const = default;
};

struct Metrics {
  std::string textfile;  // empty: none
  bool operator==(const Metrics&) const = default;
};

/// The whole effective configuration: file, defaults and environment merged, checked and decoded.
struct Config {
  InstanceName instance;
  std::string timezone = "UTC";
  Repository repository;
  Maintenance maintenance;
  int max_parallel = 2;
  std::string state_dir = "/var/lib/runner";
  std::string cache_dir;        // empty: "<state_dir>/cache"
  std::string temp_dir;         // BACKUP_TEMP_DIR; empty: the system's
  Duration stop_grace{60};      // between the request to stop and the first kill
  std::optional<RunAs> run_as;  // PUID and PGID
  Logging logging;
  History history;
  Metrics metrics;
  Server server;
  std::vector<NotifyChannel> notify;  // sorted by name
  std::vector<Target> targets;        // sorted by id
  bool environment_mode = false;  // no YAML at all: the variables of the single-directory container
  OriginMap origins;

  bool operator==(const Config&) const = default;
};

/// The target of that id, or nullptr.
const Target* FindTarget(const Config& config, const TargetId& id);

}  // namespace targets
