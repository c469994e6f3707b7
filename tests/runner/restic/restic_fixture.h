#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "runner/restic/restic.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"

namespace runner {

/// A Restic whose programs are scripts, played in the order of the launches.
class ResticFixture : public ::testing::Test {
 protected:
  using Script = runner::testing::Script;

  ResticFixture() {
    config_.instance = targets::InstanceName("server1");
    config_.timezone = "Europe/Berlin";
    config_.repository.url = "/srv/repo";
    config_.state_dir = "/state";
    target_.id = targets::TargetId("photos");
    target_.source = targets::DirectorySource{"/data/photos"};
  }

  void Play(std::vector<Script> scripts) {
    scripts_ = std::move(scripts);
    processes_.When([](const ProcessSpec&) { return true; },
                    [this](const ProcessSpec&) {
                      return next_ < scripts_.size() ? scripts_[next_++]
                                                     : Script::Missing("the script is at its end");
                    });
  }

  Restic Make(targets::ResticVersion version = {0, 14, 0}) {
    return {config_, {targets::Secret("sesame"), {}, {}}, version, processes_, "restic"};
  }

  static std::string Summary(const std::string& id) {
    return R"({"message_type":"summary","files_new":1,"snapshot_id":")" + id + "\"}\n";
  }

  targets::Config config_;
  targets::Target target_;
  runner::testing::FakeClock clock_;
  runner::testing::FakeProcessRunner processes_{clock_};
  StopHandle stop_;

 private:
  std::vector<Script> scripts_;
  std::size_t next_ = 0;
};

}  // namespace runner
