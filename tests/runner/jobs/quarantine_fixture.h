#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "runner/jobs/acknowledgement.h"
#include "runner/jobs/forget_wave.h"
#include "tests/runner/jobs/wave_fixture.h"

namespace runner {

/// "photos", which may lose half of its files, keeps one snapshot, and is backed up day by day.
class QuarantineFixture : public WaveFixture {
 protected:
  QuarantineFixture() : photos_(AddTarget("photos")) {
    photos_.guard.max_shrink = 0.5;
    photos_.retention.last = 1;
  }

  /// The next day's backup, which finds so many files, all unchanged.
  JobReport Backup(std::uint64_t files) {
    clock_.Advance(std::chrono::hours(24));
    fake_.figures = {.files_unmodified = files, .total_files = files, .total_bytes = files * 10};
    return wave_.Run({&photos_}, stop_).front();
  }
  JobReport Forget() { return forgets_.Run({&photos_}, stop_).front(); }
  /// What is said, or "error: ...".
  std::string Ack(Answer answer) {
    const auto done =
        Acknowledgement(tools_, opener_, gate_, listings_, patience_).Run(photos_, answer, stop_);
    return done ? *done : "error: " + done.error().reason;
  }
  std::string Accept() { return Ack(Answer::kAccept); }
  std::string Discard() { return Ack(Answer::kDiscard); }

  static bool IsTagged(const testing::FakeRestic::Stored& stored) {
    return std::ranges::find(stored.tags, "quarantine") != stored.tags.end();
  }
  long Tagged() { return std::ranges::count_if(fake_.snapshots, IsTagged); }
  const std::string& NewestId() { return fake_.snapshots.back().id; }
  TargetFacts Facts() { return FactsOf("photos"); }
  std::string NewestGood() { return Facts().newest_good.value().id.str(); }
  std::string NewestProven() { return Facts().newest_proven.value().str(); }

  targets::Target& photos_;
  BackupWave wave_{tools_, opener_, gate_, listings_, cleaner_, patience_};
  ForgetWave forgets_{tools_, opener_, gate_, listings_, cleaner_, patience_};
};

}  // namespace runner
