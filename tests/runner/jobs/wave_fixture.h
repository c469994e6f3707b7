#pragma once

#include <functional>
#include <string>

#include "runner/jobs/forget_wave.h"
#include "runner/jobs/maintenance.h"
#include "tests/runner/jobs/job_fixture.h"

namespace runner {

/// An installation with everything that the jobs of a whole repository need. Pauses move the clock.
class WaveFixture : public JobFixture {
 protected:
  static constexpr const char* kHere = "host-a";

  void LockBy(const std::string& host, std::chrono::seconds age) {
    fake_.locks[testing::FullId('1')] = {clock_.Now() - age, true, host, "root", 7};
  }

  void Pause(std::chrono::milliseconds by) {
    clock_.Advance(by);
    if (on_pause_) on_pause_();
  }
  std::function<void()> on_pause_;

  RepositoryGate gate_{files_, clock_, "/state/repository",
                       [this](std::chrono::milliseconds by) { Pause(by); }};
  ChildLedger ledger_{files_, clock_, "/state/repository/children"};
  LockCleaner cleaner_{restic_, ledger_, gate_, clock_, kHere, events_};
  LockPatience patience_{config_, restic_, cleaner_,
                         clock_,  events_, [this](std::chrono::milliseconds by) { Pause(by); }};
  Listings listings_{restic_, facts_, clock_};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
};

}  // namespace runner
