#include "runner/status/explain_job.h"

#include <fmt/format.h>

#include "runner/schedule/scheduler.h"
#include "runner/status/next_run.h"
#include "runner/status/report.h"
#include "runner/status/words.h"

namespace runner {
namespace {

using Sentences = std::vector<std::string>;
using targets::UnixTime;

std::string Because(const std::string& reason) { return reason.empty() ? "" : ": " + reason; }

/// "Retry 2 of 4, after the failure of Mon ..., 4m ago: wrong password."
std::string RetrySentence(const StatusInput& input, const JobSpec& job, const NextRun& next) {
  const UnixTime now = input.health.now;
  std::string text = fmt::format("{}: retry {} of {}", Moment(*next.at, now, input.zone),
                                 next.retry, kRetriesInSlot);
  const StageInput* stage = FindStage(input, job.key);
  if (stage == nullptr || !stage->marker || !stage->marker->time) return text + ".";
  return Sentence(text + fmt::format(", after the failure of {}{}",
                                     Moment(*stage->marker->time, now, input.zone),
                                     Because(stage->marker->reason)));
}

std::string OverdueSentence(const StatusInput& input, const NextRun& next) {
  const UnixTime now = input.health.now;
  const bool late = now - *next.at > Scheduler::kLate;
  return fmt::format(
      "It is due since {}, {}; it waits for its turn (max_parallel is {}) or for the "
      "repository.",
      Moment(*next.at, now, input.zone), late ? "and is caught up once" : "by its schedule",
      input.config->max_parallel);
}

/// What the daemon would make up for when it starts.
Sentences AtNextStart(const StatusInput& input, const JobSpec& job, const JobRecord& record) {
  const UnixTime now = input.health.now;
  Sentences out;
  if (record.running)
    out.emplace_back("A run was interrupted: it runs again when the daemon starts.");
  if (record.retry_at) {
    out.push_back(fmt::format("Retry {} of {} was planned for {}: the daemon does it at its start.",
                              record.retries, kRetriesInSlot,
                              Moment(*record.retry_at, now, input.zone)));
  }
  if (const auto missed = MissedSince(job, record, now)) {
    out.push_back(fmt::format("The run of {} was missed: the daemon catches up once at its start.",
                              Moment(*missed, now, input.zone)));
  }
  if (job.at_start) out.emplace_back("It also runs whenever the daemon starts.");
  return out;
}

bool UsedUpItsRetries(const JobRecord& record) {
  const bool failed =
      record.last_attempt && (!record.last_success || *record.last_success < *record.last_attempt);
  return failed && !record.running && !record.retry_at && record.retries >= kRetriesInSlot;
}

}  // namespace

Sentences ExplainHistory(const StatusInput& input, const JobKey& key) {
  const UnixTime now = input.health.now;
  const JobRecord record = input.Record(key);
  const auto success = input.LastSuccess(key);
  Sentences out;
  if (record.last_attempt) {
    out.push_back(fmt::format("The daemon's last attempt began {}.",
                              Moment(*record.last_attempt, now, input.zone)));
  }
  out.push_back(success ? fmt::format("The last success was {}.", Moment(*success, now, input.zone))
                        : "It has never succeeded.");
  out.push_back(record.settled_due ? fmt::format("Nothing before {} is owed any more.",
                                                 input.zone.FormatForPeople(*record.settled_due))
                                   : "No daemon has met it yet.");
  return out;
}

Sentences ExplainNextRun(const StatusInput& input, const JobSpec& job) {
  const UnixTime now = input.health.now;
  const JobRecord record = input.Record(job.key);
  const Daemon daemon = DaemonOf(input);
  const NextRun next = FindNextRun(job, record, now, daemon, WorkOf(input, job.key));
  switch (next.kind) {
    case NextKind::kAfterRun:
      return {"It runs now; the next run is found when that ends."};
    case NextKind::kRetry:
      return {RetrySentence(input, job, next)};
    case NextKind::kOverdue:
      return {OverdueSentence(input, next)};
    case NextKind::kNever:
    case NextKind::kScheduled:
      break;
  }
  Sentences out = {next.at ? fmt::format("{}, by its schedule.", Moment(*next.at, now, input.zone))
                           : "Never by itself."};
  if (UsedUpItsRetries(record))
    out.push_back(fmt::format("All {} retries of the failed run are used up.", kRetriesInSlot));
  if (daemon == Daemon::kRuns) return out;
  for (std::string& sentence : AtNextStart(input, job, record)) out.push_back(std::move(sentence));
  return out;
}

Sentences ExplainMarker(const StatusInput& input, const JobKey& key) {
  const StageInput* stage = FindStage(input, key);
  if (stage == nullptr || !stage->marker) return {};
  const Marker& marker = *stage->marker;
  const std::string name(targets::StageName(key.stage));
  const std::string when =
      marker.time ? " " + Moment(*marker.time, input.health.now, input.zone) : "";
  Sentences out;
  if (marker.status == MarkerStatus::kFailed) {
    out.push_back(
        Sentence(fmt::format("The last {} failed{}{}", name, when, Because(marker.reason))));
  } else if (marker.status == MarkerStatus::kBlocked) {
    out.push_back(
        Sentence(fmt::format("The last {} was blocked{}{}", name, when, Because(marker.reason))));
  } else if (marker.status == MarkerStatus::kRunning && !stage->owner_alive) {
    out.push_back(fmt::format("The {} that began{} was interrupted.", name, when));
  } else if (marker.status == MarkerStatus::kRunning) {
    out.push_back(fmt::format("A {} is at work since{}.", name, when));
  }
  const std::string hint = marker.Detail(marker_key::kHint);
  if (!out.empty() && !hint.empty()) out.push_back(Sentence("Hint: " + hint));
  return out;
}

}  // namespace runner
