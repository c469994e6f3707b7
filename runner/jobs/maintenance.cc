#include "runner/jobs/maintenance.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using targets::Stage;

Failure FromError(const targets::Error& error) {
  return {Cause::kUnknown, error.message, error.hint, {}};
}

/// The part whose turn it is; the configuration may have fewer parts than when it was noted.
int PartOf(const targets::CheckJob& job, int next) {
  return next >= 1 && next <= job.read_data_parts ? next : 1;
}

std::string Extent(const targets::CheckJob& job, int part) {
  if (job.read_data_parts == 0) return "structure";
  return fmt::format("structure and part {} of {}", part, job.read_data_parts);
}

}  // namespace

JobReport Maintenance::Run(Stage stage, const std::function<Ending()>& work) {
  StageRun run(tools_, {{}, stage});
  const auto lock = tools_.state.TryLockRepositoryStage(stage);
  if (!lock) return run.End(JobOutcome::kFailed, FromError(lock.error()));
  if (*lock == nullptr) {
    return run.End(JobOutcome::kBlocked,
                   Saying(fmt::format("another {} is at work", targets::StageName(stage))));
  }
  if (const auto begun = run.Begin(); !begun) {
    return run.End(JobOutcome::kFailed,
                   {Cause::kDiskFull, begun.error().message, begun.error().hint, {}});
  }
  Ending ending = [&] {
    const ErrorListener::Listening listening(tools_.errors, {{}, stage});
    Ending ended = work();
    run.NoteOutput();
    return ended;
  }();
  return run.End(ending.outcome, std::move(ending.said));
}

Maintenance::Ending Maintenance::Alone(StopHandle& stop,
                                       const std::function<Ending(const GatePass&)>& work) {
  if (const auto opened = opener_.OpenExisting(stop); !opened) {
    return {stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked, opened.error()};
  }
  const auto alone = gate_.Enter(LockMode::kExclusive, stop);
  if (!alone) {
    return {stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kFailed,
            {Cause::kInterrupted, alone.error().message, alone.error().hint, {}}};
  }
  cleaner_.CleanUpAfterCrash(**alone, stop);
  return work(**alone);
}

JobReport Maintenance::Prune(StopHandle& stop) {
  return Run(Stage::kPrune, [&] {
    return Alone(stop, [&](const GatePass& alone) { return PruneAlone(alone, stop); });
  });
}

Maintenance::Ending Maintenance::PruneAlone(const GatePass& alone, StopHandle& stop) {
  const auto listing = listings_.TakeAll(stop);
  if (!listing) {
    return {stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked, listing.error()};
  }
  if (listing->doubt) return {JobOutcome::kBlocked, *listing->doubt};
  const targets::PruneJob job = tools_.config.maintenance.prune.value_or(targets::PruneJob{});
  std::string summary;
  const auto prune = [&]() -> std::optional<Failure> {
    auto done = tools_.restic.Prune(job, stop);
    if (!done) return done.error();
    summary = *std::move(done);
    return std::nullopt;
  };
  if (const auto failure = patience_.Run(prune, alone, stop))
    return {OutcomeOf(*failure, stop), *failure};
  return {JobOutcome::kSuccess, Saying(summary.empty() ? "pruned" : summary)};
}

JobReport Maintenance::Check(StopHandle& stop) {
  return Run(Stage::kCheck, [&] {
    return Alone(stop, [&](const GatePass& alone) { return CheckAlone(alone, stop); });
  });
}

/// If they cannot be listed the check itself tells why.
void Maintenance::NoteLocks(StopHandle& stop) {
  const auto locks = tools_.restic.LockIds(stop);
  if (!locks) return;
  const auto noted =
      tools_.facts.UpdateRepository([&](RepositoryFacts& now) { now.locks = locks->size(); });
  if (!noted)
    tools_.observer.OnEvent({Severity::kWarning, "repository", "check", noted.error().message});
}

Maintenance::Ending Maintenance::CheckAlone(const GatePass& alone, StopHandle& stop) {
  const auto facts = tools_.facts.ReadRepository();
  if (!facts) return {JobOutcome::kFailed, FromError(facts.error())};
  const targets::CheckJob job = tools_.config.maintenance.check.value_or(targets::CheckJob{});
  const int part = PartOf(job, facts->next_check_part);
  NoteLocks(stop);
  const auto check = [&]() -> std::optional<Failure> {
    const auto done = tools_.restic.Check(job, part, stop);
    return done ? std::nullopt : std::optional(done.error());
  };
  if (auto failure = patience_.Run(check, alone, stop)) {
    const JobOutcome outcome = OutcomeOf(*failure, stop);
    failure->reason = fmt::format("{} ({})", failure->reason, Extent(job, part));
    return {outcome, *std::move(failure)};
  }
  const auto stored = tools_.restic.StoredBytes(stop);  // now that the cache is warm
  const auto noted = tools_.facts.UpdateRepository([&](RepositoryFacts& now) {
    if (job.read_data_parts > 0) now.next_check_part = part % job.read_data_parts + 1;
    if (stored) now.stored_bytes = *stored;
  });
  if (!noted) return {JobOutcome::kFailed, FromError(noted.error())};
  return {JobOutcome::kSuccess, Saying("no errors found: " + Extent(job, part))};
}

JobReport Maintenance::Probe(StopHandle& stop) {
  return Run(Stage::kProbe, [&]() -> Ending {
    const auto id = opener_.Prove(stop);
    const StorageVerdict storage =
        LookAtStorage(id ? B2Watch::Trouble::kNone : B2Watch::Trouble::kRestic, stop);
    if (!id) {
      const Failure said = storage.failure ? Explained(id.error(), *storage.failure) : id.error();
      return {OutcomeOf(id.error(), stop), said};
    }
    if (storage.failure) return {OutcomeOf(*storage.failure, stop), *storage.failure};
    if (storage.warning) return {JobOutcome::kSuccess, *storage.warning};
    return {JobOutcome::kSuccess, Saying(fmt::format("repository {} answers", id->substr(0, 10)))};
  });
}

StorageVerdict Maintenance::LookAtStorage(B2Watch::Trouble trouble, StopHandle& stop) const {
  if (storage_ == nullptr || stop.Stopped()) return {};
  const auto pinned = tools_.facts.PinnedRepositoryId();
  const bool known = !pinned || pinned->has_value();
  StorageVerdict verdict = JudgeStorage(storage_->Look(
      known ? targets::RepositoryKnown::kYes : targets::RepositoryKnown::kNo, trouble, stop));
  for (std::string& remark : verdict.remarks)
    tools_.observer.OnEvent({Severity::kWarning, "repository", "probe", std::move(remark)});
  return verdict;
}

}  // namespace runner
