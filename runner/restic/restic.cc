#include "runner/restic/restic.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "runner/process/run_as.h"
#include "runner/restic/answers.h"
#include "runner/restic/environment.h"
#include "runner/restic/evidence.h"
#include "runner/restic/write_limit.h"
#include "targets/base/text.h"
#include "targets/restic/capabilities.h"
#include "targets/restore/adopt.h"

namespace runner {
namespace {

using std::chrono::milliseconds;

/// restic retries some errors of native B2 for ever and without a word; a question has no business
/// to take longer.
constexpr milliseconds kQuestionDeadline{600'000};
/// To forget or to tag one more snapshot takes no longer.
constexpr milliseconds kChangeOfOne{10'000};
/// How often a command is started again because of the vanished-lock stall before it is left to sit
/// it out.
constexpr int kRelaunches = 5;

/// An append-only server's answer. restic before 0.17 asks again for 45 seconds, alone in the
/// repository. Of a lock it is none: that one is in nobody's way while restic asks.
bool IsRefusedRemoval(std::string_view line) {
  return line.starts_with("Remove(<") && !line.starts_with("Remove(<lock/") &&
         line.find(" returned error, retrying after ") != std::string_view::npos &&
         line.find(": blob not removed, server response: 403 ") != std::string_view::npos;
}

/// No argv: the ids were not full ones. Nothing is ever launched then.
Failure Refused(std::string_view what) {
  return {Cause::kUsage, fmt::format("refused: {} needs full snapshot ids", what), "",
          std::nullopt};
}

/// Any word about the repository.
bool IsComplaint(std::string_view line) { return !IsBenign(line) && !GoesOnWithoutCache(line); }

bool HasComplaint(std::string_view stderr_text) {
  return std::ranges::any_of(targets::Split(stderr_text, '\n'), IsComplaint);
}

/// Anything but an operation that was tried again.
bool HasFinalComplaint(std::string_view stderr_text) {
  return std::ranges::any_of(CollectEvidence(stderr_text).final_lines, IsComplaint);
}

/// Packs that belong to no index may stay, and restic exits with 0.
bool LeftSomething(std::string_view stderr_text) {
  return std::ranges::any_of(CollectEvidence(stderr_text).final_lines, [](const std::string& line) {
    return line.starts_with("unable to remove ");
  });
}

/// The first errors of a check; that there are any is all that its last line says.
std::string FirstErrors(std::string_view stderr_text) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> lines;
  for (const std::string& line : CollectEvidence(stderr_text).final_lines) {
    if (lines.size() < kMost && !IsBenign(line)) lines.emplace_back(targets::TrimSpace(line));
  }
  return targets::OneLine(targets::Join(lines, " "), 400);
}

/// "total prune:    5 blobs / 294 KiB" and "remaining: ..." among the lines of a prune, with single
/// spaces.
std::string PruneSummary(std::string_view stdout_text) {
  std::string summary;
  for (const std::string_view line : targets::Split(stdout_text, '\n')) {
    if (!line.starts_with("total prune:") && !line.starts_with("remaining:")) continue;
    if (!summary.empty()) summary += "; ";
    const std::size_t colon = line.find(':') + 1;
    summary += line.substr(0, colon);
    summary += ' ';
    summary += targets::TrimSpace(line.substr(colon));
  }
  return targets::OneLine(summary);
}

}  // namespace

WatchPolicy TargetWatch(const targets::TargetLimits& limits) {
  WatchPolicy watch;
  if (limits.stall_timeout > targets::Duration::zero()) watch.stall_timeout = limits.stall_timeout;
  if (limits.max_runtime) watch.max_runtime = *limits.max_runtime;
  return watch;
}

Restic::Restic(const targets::Config& config, ResolvedSecrets secrets,
               targets::ResticVersion version, ProcessRunner& processes, std::string program,
               KeyChoice* keys)
    : config_(config),
      secrets_(std::move(secrets)),
      commands_(config, version, std::move(program)),
      processes_(processes),
      keys_(keys) {}

targets::Result<targets::ResticVersion> Restic::DetectVersion(ProcessRunner& processes,
                                                              const std::string& program) {
  ProcessSpec spec;
  spec.argv = {program, "version"};
  spec.watch.max_runtime = kQuestionDeadline;
  const ProcessResult result = processes.Run(std::move(spec));
  if (const auto failure = Classify(result, {})) {
    return targets::FailWithContext(fmt::format("{} version", program),
                                    {failure->reason, failure->hint});
  }
  return targets::ParseResticVersion(result.stdout_tail);
}

std::map<std::string, std::string> Restic::Environment() const {
  return ResticEnvironment(config_, secrets_);
}

ProcessSpec Restic::Spec(targets::Argv argv) const {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.environment = Environment();
  spec.unset = UnsetForRestic();
  spec.watch.stall_timeout =
      milliseconds(config_.repository.limits.stall_timeout + config_.repository.retry_lock);
  spec.stop.interrupt_grace = milliseconds(config_.stop_grace);
  ApplyRunAs(spec, config_.run_as);
  return spec;
}

ProcessSpec Restic::Question(targets::Argv argv) const {
  ProcessSpec spec = Spec(std::move(argv));
  spec.watch.max_runtime = kQuestionDeadline;
  return spec;
}

ProcessSpec Restic::BackupSpec(const targets::Target& target, BackupOutput& output,
                               const StatusHandler& on_status) const {
  ProcessSpec spec = Spec(commands_.Backup(target));
  spec.nice = target.limits.nice;
  spec.watch = TargetWatch(target.limits);
  // Waiting for a foreign lock is silent and is no stall.
  if (spec.watch.stall_timeout) *spec.watch.stall_timeout += config_.repository.retry_lock;
  spec.prepares = [&output] { return !output.HasBegun(); };
  spec.write_limit = [&output](targets::Bytes read) {
    return output.HasBegun() ? WriteLimit::OfBackup(output.status().bytes_done)
                             : WriteLimit::OfPreparation(read);
  };
  spec.on_stdout_line = [&output, &on_status](std::string_view line) {
    if (output.OnStdoutLine(line) && on_status) on_status(output.status());
  };
  spec.on_stderr_line = [&output](std::string_view line) {
    output.OnStderrLine(line);
    return LineVerdict::kContinue;
  };
  return spec;
}

/// With the machine key, if there is one. A key that opens nothing fails before any effect, so that
/// the very same command may follow with the user's password; but only in the key's own repository:
/// another one may have the same password.
ProcessResult Restic::Run(ProcessSpec spec, StopHandle& stop) {
  const std::optional<MachineKey> key = CurrentKey();
  if (!key) return RunAsUser(std::move(spec), stop);
  ProcessResult result = RunAsUser(keys_->With(*key, spec), stop);
  if (!KeyFailed(result)) return result;
  ProcessResult proof = RunAsUser(Question(commands_.CatConfig()), stop);
  auto doubt = DoubtAbout(*key, proof);
  return doubt ? *std::move(doubt) : RunAsUser(std::move(spec), stop);
}

ProcessResult Restic::RunAsUser(ProcessSpec spec, StopHandle& stop) {
  if (stop.Stopped()) {
    ProcessResult result;
    result.status = NotStarted{"stopped before it began"};
    result.stop_cause = StopCause::kRequested;
    return result;
  }
  const std::unique_ptr<Process> process = processes_.Launch(std::move(spec));
  const AttachedProcess attached(stop, *process);
  return process->Wait();
}

ProcessResult Restic::RunLocking(const ProcessSpec& spec, StopHandle& stop) {
  const bool stalls = !targets::Has(commands_.version(), targets::Feature::kNoLockStall);
  for (int attempt = 0; stalls && attempt < kRelaunches; ++attempt) {
    bool refused = false;
    ProcessSpec watched = spec;
    watched.on_stderr_line = [handler = spec.on_stderr_line, &refused](std::string_view line) {
      refused = refused || IsRefusedRemoval(line);
      if (refused || IsLockStall(line)) return LineVerdict::kStop;
      return handler ? handler(line) : LineVerdict::kContinue;
    };
    ProcessResult result = Run(std::move(watched), stop);
    if (refused || result.stop_cause != StopCause::kOutputVerdict) return result;
  }
  return Run(spec, stop);
}

ProcessResult Restic::RunMaintenance(targets::Argv argv, StopHandle& stop) {
  WriteLimit limit;
  ProcessSpec spec = Spec(std::move(argv));
  spec.on_stdout_line = [&limit](std::string_view line) { limit.OnMaintenanceLine(line); };
  spec.prepares = [&limit] { return !limit.locked(); };
  spec.write_limit = [&limit](targets::Bytes read) { return limit.OfMaintenance(read); };
  return RunLocking(spec, stop);
}

Outcome<ProcessResult> Restic::Checked(ProcessResult result) const {
  if (auto failure = Classify(result, commands_.version()))
    return tl::unexpected(*std::move(failure));
  return result;
}

Outcome<void> Restic::Change(targets::Argv argv, std::string_view what, StopHandle& stop) {
  if (argv.empty()) return tl::unexpected(Refused(what));
  const auto words = static_cast<milliseconds::rep>(argv.size());
  ProcessSpec spec = Spec(std::move(argv));
  spec.write_limit = [](targets::Bytes) { return WriteLimit::kSmall; };
  spec.watch.max_runtime =
      kQuestionDeadline + milliseconds(config_.repository.retry_lock) + words * kChangeOfOne;
  auto result = Checked(RunLocking(spec, stop));
  if (!result) return tl::unexpected(std::move(result.error()));
  if (HasFinalComplaint(result->stderr_tail)) {
    return tl::unexpected(ComplaintFailure(*result, commands_.version()));
  }
  return {};
}

RepositoryState Restic::Probe(StopHandle& stop) {
  const ProcessResult result = RunAsUser(Question(commands_.CatConfig()), stop);
  if (auto failure = Classify(result, commands_.version())) {
    if (failure->cause == Cause::kNoRepository) return RepositoryMissing{};
    return RepositoryUnknown{*std::move(failure)};
  }
  auto id = ParseRepositoryId(result.stdout_tail);
  if (!id) return RepositoryUnknown{FromError(id.error())};
  return RepositoryFound{*std::move(id)};
}

Outcome<std::string> Restic::Init(StopHandle& stop) {
  const auto result = Checked(RunAsUser(Question(commands_.Init()), stop));
  if (!result) return tl::unexpected(result.error());
  RepositoryState state = Probe(stop);
  if (auto* found = std::get_if<RepositoryFound>(&state)) return std::move(found->id);
  if (auto* unknown = std::get_if<RepositoryUnknown>(&state))
    return tl::unexpected(std::move(unknown->failure));
  return tl::unexpected(
      UnknownFailure("restic made the repository, but does not find it afterwards",
                     "check that repository.url names a place that keeps what is written"));
}

Outcome<std::vector<targets::Snapshot>> Restic::List(targets::Argv argv, StopHandle& stop) {
  ProcessSpec spec = Question(std::move(argv));
  spec.stdout_tail = kListingLimit;
  auto result = Checked(Run(std::move(spec), stop));
  if (!result) return tl::unexpected(std::move(result.error()));
  if (HasComplaint(result->stderr_tail)) {
    Failure failure = ComplaintFailure(*result, commands_.version());
    failure.reason = targets::OneLine("the listing is not to be trusted: " + failure.reason);
    return tl::unexpected(std::move(failure));
  }
  auto snapshots = ParseSnapshots(result->stdout_tail);
  if (!snapshots) return tl::unexpected(FromError(snapshots.error()));
  return *std::move(snapshots);
}

Outcome<std::vector<targets::Snapshot>> Restic::Snapshots(std::optional<targets::TargetId> target,
                                                          StopHandle& stop) {
  return List(commands_.Snapshots(std::move(target)), stop);
}

Outcome<std::vector<targets::Snapshot>> Restic::RestorableSnapshots(const targets::TargetId& target,
                                                                    StopHandle& stop) {
  auto snapshots = List(commands_.SnapshotsOfAnyHost(target), stop);
  if (!snapshots) return snapshots;
  std::erase_if(*snapshots, [&](const targets::Snapshot& snapshot) {
    return !targets::MayRestore(snapshot, target, config_.instance);
  });
  return snapshots;
}

Outcome<std::vector<targets::Snapshot>> Restic::SnapshotsWithoutTrace(StopHandle& stop) {
  return List(commands_.SnapshotsWithoutTrace(), stop);
}

Outcome<std::vector<targets::Snapshot>> Restic::AllSnapshots(StopHandle& stop) {
  return List(commands_.AllSnapshots(), stop);
}

Outcome<SnapshotDiff> Restic::Diff(const targets::SnapshotId& from, const targets::SnapshotId& to,
                                   StopHandle& stop) {
  targets::Argv argv = commands_.Diff(from, to);
  if (argv.empty()) return tl::unexpected(Refused("diff"));
  const auto result = Checked(Run(Spec(std::move(argv)), stop));
  if (!result) return tl::unexpected(result.error());
  const auto diff = ParseDiff(result->stdout_tail);
  if (!diff) return tl::unexpected(FromError(diff.error()));
  return *diff;
}

Outcome<targets::Bytes> Restic::StoredBytes(StopHandle& stop) {
  const auto result = Checked(Run(Spec(commands_.Stats()), stop));
  if (!result) return tl::unexpected(result.error());
  const auto bytes = ParseStats(result->stdout_tail);
  if (!bytes) return tl::unexpected(FromError(bytes.error()));
  return *bytes;
}

Outcome<void> Restic::Forget(std::span<const targets::SnapshotId> ids, StopHandle& stop) {
  return Change(commands_.Forget(ids), "forget", stop);
}

Outcome<void> Restic::AddTag(std::span<const targets::SnapshotId> ids, const std::string& tag,
                             StopHandle& stop) {
  return Change(commands_.AddTag(ids, tag), "tag", stop);
}

Outcome<void> Restic::RemoveTag(std::span<const targets::SnapshotId> ids, const std::string& tag,
                                StopHandle& stop) {
  return Change(commands_.RemoveTag(ids, tag), "tag", stop);
}

Outcome<std::string> Restic::Prune(const targets::PruneJob& job, StopHandle& stop) {
  const auto result = Checked(RunMaintenance(commands_.Prune(job), stop));
  if (!result) return tl::unexpected(result.error());
  if (LeftSomething(result->stderr_tail)) {
    Failure failure = ComplaintFailure(*result, commands_.version());
    failure.reason = targets::OneLine("not everything was removed: " + failure.reason);
    return tl::unexpected(std::move(failure));
  }
  return PruneSummary(result->stdout_tail);
}

Outcome<void> Restic::Check(const targets::CheckJob& job, int part, StopHandle& stop) {
  const ProcessResult result = RunMaintenance(commands_.Check(job, part), stop);
  auto failure = Classify(result, commands_.version());
  if (!failure) return {};
  if (failure->cause == Cause::kDamaged) failure->reason = FirstErrors(result.stderr_tail);
  return tl::unexpected(*std::move(failure));
}

ProcessSpec Restic::PassThrough(const targets::Argv& arguments) const {
  ProcessSpec spec = Spec(commands_.PassThrough(arguments));
  spec.watch = {};
  return spec;
}

}  // namespace runner
