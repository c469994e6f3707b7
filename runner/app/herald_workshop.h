#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runner/app/herald.h"
#include "runner/daemon/workshop.h"

namespace runner {

/// A workshop whose herald hears what begins and what ends in it.
class HeraldWorkshop final : public Workshop {
 public:
  /// `herald` outlives it.
  HeraldWorkshop(std::shared_ptr<Workshop> inner, Herald& herald)
      : inner_(std::move(inner)), herald_(herald) {}

  std::optional<JobReport> BackUp(const StartJob& job, StopHandle& stop) override;
  std::vector<JobReport> Prove(const std::set<targets::TargetId>& targets) override;
  std::vector<JobReport> Run(const StartJob& job, StopHandle& stop) override;

 private:
  std::shared_ptr<Workshop> inner_;
  Herald& herald_;
};

}  // namespace runner
