#pragma once

#include <string>

#include "runner/base/observer.h"
#include "runner/restic/json.h"
#include "targets/base/strong_id.h"
#include "targets/model/stage.h"

namespace runner {

/// Tells the observer how far restic is with one job, and, when it goes, that no more will come.
/// One thread.
class ProgressTeller {
 public:
  /// `observer` outlives it.
  ProgressTeller(Observer& observer, const targets::TargetId& target, targets::Stage stage)
      : observer_(observer), target_(target.str()), stage_(targets::StageName(stage)) {}
  ~ProgressTeller() {
    if (told_) observer_.OnProgressEnd(target_, stage_);
  }
  ProgressTeller(const ProgressTeller&) = delete;
  ProgressTeller& operator=(const ProgressTeller&) = delete;

  void Tell(const BackupStatus& status) {
    told_ = true;
    observer_.OnProgress({target_, stage_, status.fraction, status.bytes_done, status.bytes_total,
                          status.files_done, status.files_total, status.seconds_remaining});
  }

 private:
  Observer& observer_;
  std::string target_;
  std::string stage_;
  bool told_ = false;
};

}  // namespace runner
