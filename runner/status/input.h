#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/health/input.h"
#include "runner/health/report.h"
#include "runner/schedule/job.h"
#include "runner/state/facts.h"
#include "targets/model/config.h"
#include "targets/schedule/zone.h"

namespace runner {

/// Everything that `status` and `explain` show. What could not be read is part of it.
struct StatusInput {
  const targets::Config* config = nullptr;  // never null, outlives this
  /// In the order of the configuration; those that were asked for.
  std::vector<const targets::Target*> targets = {};
  bool repository = true;  // its stages were asked for, too
  HealthInput health = {};
  std::vector<JobSpec> jobs = {};  // of all targets and of the repository, sorted by key
  std::map<JobKey, JobRecord> records = {};
  std::map<JobKey, targets::UnixTime> last_success = {};  // by the markers
  RepositoryFacts repository_facts = {};
  std::vector<Finding> notify = {};       // of channels that do not get through
  std::vector<std::string> damages = {};  // of records and facts, one line each
  targets::Zone zone = {};                // of the configuration: people read all times in it

  [[nodiscard]] const JobSpec* Job(const JobKey& key) const {
    const auto found =
        std::lower_bound(jobs.begin(), jobs.end(), key,
                         [](const JobSpec& job, const JobKey& wanted) { return job.key < wanted; });
    return found == jobs.end() || found->key != key ? nullptr : &*found;
  }
  /// An empty one if nothing was ever recorded.
  [[nodiscard]] JobRecord Record(const JobKey& key) const {
    const auto found = records.find(key);
    return found == records.end() ? JobRecord{} : found->second;
  }
  [[nodiscard]] std::optional<targets::UnixTime> LastSuccess(const JobKey& key) const {
    const auto found = last_success.find(key);
    return found == last_success.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace runner
