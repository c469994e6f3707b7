#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/health/render.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner::health_world {

using targets::Duration;
using targets::FromUnixSeconds;
using targets::Stage;
using targets::TargetId;
using targets::UnixTime;
using testing::FakeClock;
using testing::MemoryFileSystem;

inline const TargetId kPhotos("photos");
inline const TargetId kDatabase("database");
inline const MarkerKey kBackup{kPhotos, Stage::kBackup};
inline constexpr Duration kHour{3600};
inline constexpr Duration kDay{24 * 3600};
inline const UnixTime kNow = FromUnixSeconds(1'800'000'000);

inline targets::Schedule Daily() {
  return targets::Schedule{.timing = targets::CronTiming{"0 2 * * *"},
                           .timezone = "UTC",
                           .jitter = {},
                           .catch_up = targets::CatchUp::kOnce,
                           .on_start = false};
}

/// Two healthy targets: photos, a folder backed up an hour ago, and database, a command. No daemon.
class World {
 public:
  World() {
    files_.AddFile("/data/photos/one.jpg", "x");
    EXPECT_TRUE(folder_.Prepare(kNow));
    targets::Target photos;
    photos.id = kPhotos;
    photos.source = targets::DirectorySource{"/data/photos"};
    photos.schedule = Daily();
    targets::Target database = photos;
    database.id = kDatabase;
    database.source = targets::CommandSource{{"pg_dump"}, "app.sql"};
    config_.instance = targets::InstanceName("server1");
    config_.state_dir = "/state";
    config_.targets = {database, photos};
    for (const TargetId& id : {kPhotos, kDatabase}) {
      EXPECT_TRUE(markers_.WriteSuccess({id, Stage::kBackup}, kNow - kHour));
    }
  }

  HealthReport Check(const HealthQuery& query = {}) {
    return Evaluate(CollectHealth(config_, query, files_, redactor_, clock_));
  }
  std::string Text() { return RenderHealthText(Check(), Duration{0}); }

  void Mark(const MarkerKey& key, MarkerStatus status, Duration age, std::string reason = "") {
    EXPECT_TRUE(markers_.Write(
        key, Marker{.status = status, .time = clock_.Now() - age, .reason = std::move(reason)}));
  }
  /// A marker of a run that works: its lock is held.
  void Run(const MarkerKey& key, Duration since) {
    const bool own_lock = key.target.empty() || key.stage == Stage::kForget;
    auto lock =
        own_lock ? folder_.TryLockRepositoryStage(key.stage) : folder_.TryLockTarget(key.target);
    run_ = std::move(lock.value());
    Mark(key, MarkerStatus::kRunning, since);
  }
  void Complain(const MarkerKey& key, Duration age, const std::vector<std::string>& said) {
    EXPECT_TRUE(error_log_.Add(key, clock_.Now() - age, said));
  }
  void Die() { run_.reset(); }
  void Succeed(const MarkerKey& key, Duration age = Duration{0}) {
    EXPECT_TRUE(markers_.WriteSuccess(key, clock_.Now() - age));
  }
  void Hand(const std::string& file, const std::string& text) {
    files_.AddFile("/state/" + file, text);
  }
  targets::Target& photos() { return config_.targets[1]; }
  targets::Target& database() { return config_.targets[0]; }
  void SetFacts(const TargetFacts& facts) { EXPECT_TRUE(facts_.WriteTarget(kPhotos, facts)); }
  void StartDaemon(std::optional<UnixTime> wakeup) {
    if (daemon_ == nullptr) daemon_ = folder_.TryLockDaemon().value();
    EXPECT_TRUE(
        facts_.WriteDaemon(DaemonFacts{.pid = 1, .started = clock_.Now(), .next_wakeup = wakeup}));
  }
  void StopDaemon() {
    EXPECT_TRUE(
        facts_.WriteDaemon(DaemonFacts{.pid = 1, .started = kNow, .stopped = clock_.Now()}));
    daemon_.reset();
  }
  void KillDaemon() { daemon_.reset(); }

  MemoryFileSystem files_;
  FakeClock clock_{kNow};
  targets::Redactor redactor_;
  targets::Config config_;
  StateFolder folder_{files_, "/state"};
  MarkerStore markers_{files_, redactor_, folder_};
  FactStore facts_{files_, folder_};
  ErrorLog error_log_{files_, redactor_, folder_};
  std::unique_ptr<FileLock> run_;
  std::unique_ptr<FileLock> daemon_;
};

/// The codes of all unhealthy findings, e.g. "photos failed".
inline std::vector<std::string> Reds(const HealthReport& report) {
  std::vector<std::string> out;
  for (const auto* subjects : {&report.targets, &report.others}) {
    for (const SubjectHealth& subject : *subjects) {
      for (const Finding& finding : subject.findings) {
        if (finding.level == HealthLevel::kUnhealthy)
          out.push_back(subject.name + " " + finding.code);
      }
    }
  }
  return out;
}

}  // namespace runner::health_world
