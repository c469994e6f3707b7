#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "runner/restic/restic.h"
#include "targets/base/text.h"

namespace runner {
namespace {

bool MadeSnapshot(const BackupOutput& output) {
  return output.has_summary() && !output.summary().snapshot_id.empty();
}

bool ExitedWith(const ProcessResult& result, int code) {
  const auto* exited = std::get_if<Exited>(&result.status);
  return exited != nullptr && exited->code == code;
}

Failure NoSnapshot() {
  return {Cause::kUnknown, "restic ended with success, but reported no snapshot",
          "run `runner restic -- snapshots`", std::nullopt};
}

BackupOutcome Judge(ProcessResult result, const BackupOutput& output,
                    const targets::ResticVersion& version) {
  BackupOutcome outcome;
  outcome.failure = Classify(result, version);
  if (output.has_summary()) outcome.summary = output.summary();
  outcome.unreadable = output.unreadable();
  outcome.unreadable_count = output.unreadable_count();
  outcome.resources = result.resources;
  if (!outcome.failure && !MadeSnapshot(output)) outcome.failure = NoSnapshot();
  if (!outcome.failure) {
    outcome.kind = BackupOutcome::Kind::kComplete;
  } else if (result.stop_cause == StopCause::kNone && ExitedWith(result, 3) &&
             MadeSnapshot(output)) {
    outcome.kind = BackupOutcome::Kind::kIncomplete;
  }
  outcome.stderr_tail = std::move(result.stderr_tail);
  return outcome;
}

/// A stream is one file: if restic could not read it, the snapshot is worth nothing.
void RequireWholeStream(BackupOutcome& outcome) {
  if (outcome.kind != BackupOutcome::Kind::kIncomplete) return;
  outcome.kind = BackupOutcome::Kind::kFailed;
  const std::string why =
      outcome.unreadable.empty() ? std::string() : ": " + outcome.unreadable.front().reason;
  outcome.failure->reason = targets::OneLine("the command's output could not be stored" + why);
  outcome.failure->hint = "see that the command writes its data to standard output";
}

Cause ProducerCause(const ProcessResult& result) {
  switch (result.stop_cause) {
    case StopCause::kNone:
    case StopCause::kOutputVerdict:
      break;
    case StopCause::kRequested:
      return Cause::kInterrupted;
    case StopCause::kDeadline:
      return Cause::kDeadline;
    case StopCause::kStalled:
      return Cause::kStalled;
    case StopCause::kRunaway:
      return Cause::kRunaway;
  }
  return std::holds_alternative<NotStarted>(result.status) ? Cause::kProgramMissing
                                                           : Cause::kUnknown;
}

std::string HowItEnded(const ProcessResult& result) {
  if (result.stop_cause == StopCause::kRequested) return "was stopped on request";
  if (result.stop_cause == StopCause::kDeadline)
    return "ran longer than limits.max_runtime and was stopped";
  if (result.stop_cause == StopCause::kStalled)
    return "did nothing for limits.stall_timeout and was stopped";
  if (const auto* failed = std::get_if<NotStarted>(&result.status))
    return "could not be started: " + failed->reason;
  if (const auto* ended = std::get_if<Signalled>(&result.status))
    return fmt::format("was ended by signal {}", ended->signal);
  return fmt::format("ended with exit code {}", std::get<Exited>(result.status).code);
}

Failure ProducerFailure(const std::string& program, const ProcessResult& result) {
  std::string reason =
      fmt::format("the command {} {}", targets::ShellQuote(program), HowItEnded(result));
  const std::string said = targets::OneLine(targets::TrimSpace(result.stderr_tail), 300);
  if (!said.empty()) reason += ": " + said;
  return {ProducerCause(result), targets::OneLine(reason),
          "no snapshot was made; run the command by hand", std::nullopt};
}

/// What the two threads that wait for the two ends of a stream tell each other.
class StreamState {
 public:
  void OnStderrLine(std::string_view line) {
    if (line.find(" received, cleaning up") == std::string_view::npos) return;
    const std::scoped_lock guard(mutex_);
    interrupted_ = true;
    if (producer_ != nullptr) producer_->RequestStop(StopCause::kRequested);
    changed_.notify_all();
  }

  void Launched(Process& producer) {
    const std::scoped_lock guard(mutex_);
    producer_ = &producer;
    if (interrupted_) producer_->RequestStop(StopCause::kRequested);
  }

  void ProducerEnded() {
    const std::scoped_lock guard(mutex_);
    producer_ = nullptr;
  }

  void ConsumerEnded() {
    const std::scoped_lock guard(mutex_);
    consumer_ended_ = true;
    if (producer_ != nullptr) producer_->RequestStop(StopCause::kRequested);  // nobody reads it
    changed_.notify_all();
  }

  /// Returns when restic has ended, or a second after it said that it was interrupted.
  void AwaitInterruption() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return consumer_ended_ || interrupted_; });
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return consumer_ended_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Process* producer_ = nullptr;
  bool interrupted_ = false;
  bool consumer_ended_ = false;
};

struct StreamResults {
  ProcessResult producer;
  ProcessResult consumer;
};

/// Waits for both. restic sees the end of its input only if the producer succeeded; otherwise it is
/// stopped while the pipe is still open, and saves nothing. From 0.17 on an interrupted restic
/// still waits for its input, although it cannot save any more: it gets the end of it then.
StreamResults WaitForBoth(StreamPair& pair, StreamState& state, StopHandle& stop) {
  StreamResults results;
  state.Launched(pair.Producer());
  std::thread consumer([&pair, &results, &state] {
    results.consumer = pair.Consumer().Wait();
    state.ConsumerEnded();
  });
  const AttachedProcess attached_producer(stop, pair.Producer());
  const AttachedProcess attached_consumer(stop, pair.Consumer());
  results.producer = pair.Producer().Wait();
  state.ProducerEnded();
  if (!results.producer.Succeeded()) {
    pair.Consumer().RequestStop(StopCause::kRequested);
    state.AwaitInterruption();
  }
  pair.CloseWriteEnd();
  consumer.join();
  return results;
}

BackupOutcome NotBegun() {
  BackupOutcome outcome;
  outcome.failure = Failure{Cause::kInterrupted, "stopped on request",
                            "it runs again at its next due time", std::nullopt};
  return outcome;
}

}  // namespace

BackupOutcome Restic::BackupDirectory(const targets::Target& target, const StatusHandler& on_status,
                                      StopHandle& stop) {
  BackupOutput output;
  ProcessResult result = RunLocking(BackupSpec(target, output, on_status), stop);
  return Judge(std::move(result), output, commands_.version());
}

/// A stream whose restic did not get in has stored nothing: its producer starts anew.
BackupOutcome Restic::BackupStream(const targets::Target& target, ProcessSpec producer,
                                   const StatusHandler& on_status, StopHandle& stop) {
  const std::optional<MachineKey> key = CurrentKey();
  if (!key) return StreamOnce(target, std::move(producer), on_status, nullptr, stop);
  BackupOutcome outcome = StreamOnce(target, producer, on_status, &*key, stop);
  if (!outcome.failure || outcome.failure->cause != Cause::kWrongPassword) return outcome;
  const ProcessResult proof = RunAsUser(Question(commands_.CatConfig()), stop);
  if (const auto doubt = DoubtAbout(*key, proof)) {
    outcome.failure = Classify(*doubt, commands_.version());
    return outcome;
  }
  return StreamOnce(target, std::move(producer), on_status, nullptr, stop);
}

/// `key`: nullptr for the user's password.
BackupOutcome Restic::StreamOnce(const targets::Target& target, ProcessSpec producer,
                                 const StatusHandler& on_status, const MachineKey* key,
                                 StopHandle& stop) {
  if (stop.Stopped()) return NotBegun();
  BackupOutput output;
  const std::string program = producer.argv.empty() ? std::string() : producer.argv.front();
  if (producer.watch == WatchPolicy{}) producer.watch = TargetWatch(target.limits);
  StreamState state;
  ProcessSpec consumer = BackupSpec(target, output, on_status);
  consumer.on_stderr_line = [&output, &state](std::string_view line) {
    output.OnStderrLine(line);
    state.OnStderrLine(line);
    return LineVerdict::kContinue;
  };
  if (key != nullptr) consumer = keys_->With(*key, std::move(consumer));
  const auto pair = processes_.LaunchStream(std::move(producer), std::move(consumer));
  StreamResults results = WaitForBoth(*pair, state, stop);
  const bool stopped_by_us = results.consumer.stop_cause == StopCause::kRequested;
  BackupOutcome outcome = Judge(std::move(results.consumer), output, commands_.version());
  RequireWholeStream(outcome);
  // If restic ended by itself, its own reason is the cause and the producer's broken pipe the
  // consequence.
  const bool consumer_to_blame = outcome.failure && !stopped_by_us;
  if (!results.producer.Succeeded() && !consumer_to_blame) {
    outcome.kind = BackupOutcome::Kind::kFailed;
    outcome.failure = ProducerFailure(program, results.producer);
  }
  return outcome;
}

}  // namespace runner
