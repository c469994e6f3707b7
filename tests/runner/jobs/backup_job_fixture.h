#pragma once

#include <string>

#include "runner/jobs/backup_job.h"
#include "tests/runner/jobs/job_fixture.h"

namespace runner {

inline constexpr const char* kUnreadable =
    R"({"message_type":"error","error":{"Op":"open","Err":13},"during":"archival","item":"/d/secret"})"
    "\n";

/// One backup job of the target "photos".
class BackupJobTest : public JobFixture {
 protected:
  BackupJobTest() : photos_(AddTarget("photos")) {}

  /// The whole job with its proof, as a wave does it.
  JobReport Backup() {
    BackupJob job(tools_, photos_);
    job.Run(stop_);
    return Conclude(job);
  }
  JobReport Conclude(BackupJob& job) {
    if (!job.NeedsProof()) return job.Conclude(std::vector<targets::Snapshot>{});
    return job.Conclude(restic_.Snapshots(std::nullopt, stop_));
  }
  /// restic reports some unreadable files and a snapshot, which it makes.
  void MakeIncomplete(const std::string& complaint = kUnreadable) {
    const std::string id = testing::FullId('f');
    fake_.Next("backup",
               Script()
                   .Does([this, id] {
                     fake_.snapshots.push_back({id, clock_.Now(), "server1", {"target:photos"}});
                   })
                   .Prints(R"({"message_type":"summary","snapshot_id":")" + id + "\"}\n")
                   .Complains(complaint)
                   .Exits(3));
  }
  std::string OutcomeToldTo(const std::string& hook) {
    for (const ProcessSpec& spec : processes_.Launched()) {
      if (spec.argv.back() != hook) continue;
      const auto outcome = spec.environment.find("RUNNER_OUTCOME");
      return outcome == spec.environment.end() ? "(none)" : outcome->second;
    }
    return "(not run)";
  }
  void AddAllHooks() {
    photos_.hooks.before = {{"hook", "before"}};
    photos_.hooks.after = {{"hook", "after"}};
    photos_.hooks.on_success = {{"hook", "on_success"}};
    photos_.hooks.on_failure = {{"hook", "on_failure"}};
  }

  targets::Target& photos_;
};

}  // namespace runner
