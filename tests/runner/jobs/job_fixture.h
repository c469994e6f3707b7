#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "runner/jobs/backup_wave.h"
#include "targets/base/text.h"
#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/memory_history.h"

namespace runner {

/// Keeps every event as "subject: message".
class EventList final : public Observer {
 public:
  void OnEvent(const Event& event) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(event.subject + ": " + event.message);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// An installation in memory: a state folder, a played restic, sources that have data, hooks that
/// succeed.
class JobFixture : public ::testing::Test {
 protected:
  using Script = testing::Script;

  JobFixture() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    config_.max_parallel = 1;
    EXPECT_TRUE(state_.Prepare(clock_.Now()));
    files_.AddFolder("/state/repository/children");
    SourceIs("has_data");
    processes_.When(testing::HasWords({"hook"}), Script().Exits(0));
  }

  void SourceIs(const std::string& state) {
    processes_.When(testing::HasWords({"inspect-source"}), [state](const ProcessSpec& spec) {
      return Script()
          .Prints(fmt::format(R"({{"state":"{}","detail":"so it is","path":"{}"}})", state,
                              spec.argv[2]))
          .Exits(0);
    });
  }

  targets::Target& AddTarget(const std::string& id) {
    targets::Target target;
    target.id = targets::TargetId(id);
    target.source = targets::DirectorySource{"/data/" + id};
    // Stalls are tested elsewhere; with two threads the first must not move the other's time.
    target.limits.stall_timeout = targets::Duration{0};
    return targets_.emplace_back(std::move(target));
  }

  static MarkerKey KeyOf(const std::string& id) {
    return {targets::TargetId(id), targets::Stage::kBackup};
  }
  /// "SUCCESS snapshot 00000000: ..."; "(none)".
  std::string MarkerOf(const std::string& id) {
    const auto marker = markers_.Read(KeyOf(id)).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }
  bool EverSucceeded(const std::string& id) {
    return markers_.LastSuccess(KeyOf(id)).value().has_value();
  }
  TargetFacts FactsOf(const std::string& id) {
    return facts_.ReadTarget(targets::TargetId(id)).value();
  }
  /// What was launched with that program's name, as "name word word".
  std::vector<std::string> Launched(const std::string& program) {
    std::vector<std::string> lines;
    for (const ProcessSpec& spec : processes_.Launched()) {
      if (spec.argv.front() == program) lines.push_back(targets::Join(spec.argv, " "));
    }
    return lines;
  }

  targets::Config config_;
  std::deque<targets::Target> targets_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::FakeRestic fake_{processes_, clock_};
  targets::Redactor redactor_;
  StateFolder state_{files_, "/state"};
  MarkerStore markers_{files_, redactor_, state_};
  FactStore facts_{files_, state_};
  ErrorLog error_log_{files_, redactor_, state_};
  ErrorListener errors_{processes_, error_log_, clock_};
  Restic restic_{
      config_, {targets::Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion, errors_};
  SourceInspector inspector_{processes_, config_, "runner"};
  EventList events_;
  testing::MemoryHistory history_;
  RunRecorder recorder_{history_, clock_, events_, config_.history.keep};
  JobTools tools_{config_,  clock_, files_,     processes_, restic_, state_,
                  markers_, facts_, inspector_, events_,    errors_, recorder_};
  StopHandle stop_;
};

}  // namespace runner
