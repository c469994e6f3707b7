#include "runner/app/herald_workshop.h"

namespace runner {

std::optional<JobReport> HeraldWorkshop::BackUp(const StartJob& job, StopHandle& stop) {
  herald_.Started(job.key.target);
  std::optional<JobReport> report = inner_->BackUp(job, stop);
  if (report) herald_.Ended(*report);
  return report;
}

std::vector<JobReport> HeraldWorkshop::Prove(const std::set<targets::TargetId>& targets) {
  std::vector<JobReport> reports = inner_->Prove(targets);
  for (const JobReport& report : reports) herald_.Ended(report);
  return reports;
}

std::vector<JobReport> HeraldWorkshop::Run(const StartJob& job, StopHandle& stop) {
  std::vector<JobReport> reports = inner_->Run(job, stop);
  for (const JobReport& report : reports) herald_.Ended(report);
  return reports;
}

}  // namespace runner
