#include "runner/restic/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <span>

#include "runner/restic/evidence.h"
#include "runner/restic/failure_rules.h"
#include "targets/base/size.h"
#include "targets/base/text.h"
#include "targets/restic/capabilities.h"

namespace runner {
namespace {

using targets::Feature;
using targets::Has;

struct CauseInfo {
  Cause cause;
  std::string_view name;
  std::string_view hint;
};

constexpr std::array kCauses = {
    CauseInfo{Cause::kNone, "none", ""},
    CauseInfo{Cause::kWrongPassword, "wrong_password",
              "check repository.password against the password with which the repository was made"},
    CauseInfo{Cause::kNoRepository, "no_repository",
              "check repository.url; a new repository is made only with `init: if_missing`"},
    CauseInfo{
        Cause::kLocked, "locked",
        "wait for the other restic; if it is dead, `runner restic -- unlock` removes its lock"},
    CauseInfo{Cause::kKeyRefused, "key_refused",
              "check the account id and key, that the key may list, read, write and delete files, "
              "and its expiry"},
    CauseInfo{Cause::kCapExceeded, "cap_exceeded",
              "raise the cap on Backblaze's page Caps & Alerts, or wait until it is reset at "
              "midnight GMT"},
    CauseInfo{Cause::kBucketAbsent, "bucket_absent",
              "check the bucket's name in repository.url, and that the key is not bound to another "
              "bucket"},
    CauseInfo{Cause::kNetwork, "network",
              "check the network, the proxy and the storage provider's status page"},
    CauseInfo{Cause::kDiskFull, "disk_full",
              "free space where the message points: repository, cache or temporary files"},
    CauseInfo{Cause::kPermission, "permission",
              "check owner and mode of the path for the user that runs the jobs"},
    CauseInfo{Cause::kDamaged, "damaged",
              "run `runner check`, keep every snapshot until it is repaired, and see restic's "
              "troubleshooting guide"},
    CauseInfo{Cause::kIncomplete, "incomplete", "make the listed files readable or exclude them"},
    CauseInfo{Cause::kSourceMissing, "source_missing",
              "check that the source exists and that its volume is mounted"},
    CauseInfo{Cause::kSourceInTheWay, "source_in_the_way",
              "move it away, or put the snapshot's files over it with `runner restore --force`"},
    CauseInfo{Cause::kInterrupted, "interrupted", "it runs again at its next due time"},
    CauseInfo{Cause::kStalled, "stalled",
              "the storage may hang; restic retries some errors of native B2 for ever: consider "
              "the S3 endpoint"},
    CauseInfo{
        Cause::kRunaway, "runaway",
        "the storage refuses every upload; see the provider's status page and its caps. Older "
        "releases of restic never give up at native B2: use a newer one, or the S3 endpoint"},
    CauseInfo{Cause::kDeadline, "deadline",
              "raise limits.max_runtime if the run is healthy and just needs longer"},
    CauseInfo{Cause::kOutOfMemory, "out_of_memory",
              "give the container more memory, or run fewer jobs at once (max_parallel)"},
    CauseInfo{Cause::kProgramMissing, "program_missing",
              "install it (Debian: apt install restic rclone) or fix PATH"},
    CauseInfo{Cause::kQuarantined, "quarantined",
              "look at the snapshot, then `runner ack TARGET`, or with --discard"},
    CauseInfo{Cause::kUsage, "usage", "this restic does not know an option; install a newer one"},
    CauseInfo{Cause::kUnknown, "unknown", ""},
};

const CauseInfo& InfoOf(Cause cause) {
  const auto* found = std::ranges::find(kCauses, cause, &CauseInfo::cause);
  return found == kCauses.end() ? kCauses.back() : *found;
}

Failure Make(Cause cause, std::string_view reason, std::string_view hint = {}) {
  return {cause, targets::OneLine(reason), std::string(hint.empty() ? InfoOf(cause).hint : hint),
          std::nullopt};
}

/// 401 with an empty text is all that B2's client says of a refused key.
std::optional<Failure> FromB2(std::string_view line) {
  const B2Error error = FindB2Error(line);
  if (error.call.empty()) return std::nullopt;
  const bool authorize = error.call == "b2_authorize_account";
  const std::string what = error.text.empty() ? std::string() : ": " + error.text;
  const std::string said = fmt::format("{}: {}{}", error.call, error.status, what);
  if (error.status == 401 || (error.status == 403 && authorize)) {
    return Make(Cause::kKeyRefused, fmt::format("Backblaze B2 refused the key ({})", said));
  }
  if (error.status == 403 &&
      (error.text.empty() || error.text.find("cap exceeded") != std::string::npos)) {
    return Make(Cause::kCapExceeded, fmt::format("a Backblaze B2 cap is exceeded ({})", said));
  }
  if (error.status == 403)
    return Make(Cause::kKeyRefused, fmt::format("Backblaze B2 forbids it ({})", said));
  if (error.status == 408 || error.status == 429 || error.status >= 500) {
    return Make(Cause::kNetwork,
                fmt::format("Backblaze B2 could not serve the request ({})", said));
  }
  return std::nullopt;
}

/// "…already locked exclusively by PID 1509 on vm by root (UID 0, GID 0)" and "lock was created at
/// …" of the next line.
LockHolder ParseHolder(std::string_view line, std::string_view next) {
  constexpr std::string_view kLocked = "repository is already locked ";
  constexpr std::string_view kExclusively = "exclusively ";
  constexpr std::string_view kPid = "by PID ";
  constexpr std::string_view kCreated = "lock was created at ";
  LockHolder holder;
  line.remove_prefix(line.find(kLocked) + kLocked.size());
  holder.exclusive = line.starts_with(kExclusively);
  if (holder.exclusive) line.remove_prefix(kExclusively.size());
  if (line.starts_with(kPid)) line.remove_prefix(kPid.size());
  std::from_chars(line.data(), line.data() + line.size(), holder.pid);
  const std::size_t on = line.find(" on ");
  const std::size_t by = line.find(" by ", on == std::string_view::npos ? 0 : on + 4);
  if (on != std::string_view::npos && by != std::string_view::npos) {
    holder.host = line.substr(on + 4, by - on - 4);
    const std::string_view user = line.substr(by + 4);
    holder.user = user.substr(0, user.find(" (UID "));
  }
  if (next.starts_with(kCreated)) holder.created = next.substr(kCreated.size());
  return holder;
}

Failure LockedBy(std::string_view line, std::string_view next) {
  const LockHolder holder = ParseHolder(line, next);
  std::string reason =
      fmt::format("repository is locked {}by PID {} on {} by {}",
                  holder.exclusive ? "exclusively " : "", holder.pid, holder.host, holder.user);
  if (!holder.created.empty()) reason += fmt::format(", since {}", holder.created);
  Failure failure = Make(Cause::kLocked, reason);
  failure.lock = holder;
  return failure;
}

Failure FromRule(const Rule& rule, std::span<const std::string> lines, std::size_t index) {
  if (rule.cause != Cause::kLocked) return Make(rule.cause, lines[index], rule.hint);
  return LockedBy(lines[index], index + 1 < lines.size() ? std::string_view(lines[index + 1])
                                                         : std::string_view());
}

std::optional<Failure> FromLines(std::span<const std::string> lines) {
  for (const std::string& line : lines) {
    if (auto failure = FromB2(line)) return failure;
  }
  for (const Rule& rule : FailureRules()) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (Matches(rule, lines[i])) return FromRule(rule, lines, i);
    }
  }
  return std::nullopt;
}

constexpr std::string_view kOpenConfig = "unable to open config file: ";

/// Whole messages with which restic before 0.17 says that there is no repository. "Is there a
/// repository at the following location?" alone says nothing: it follows a refused key and an
/// exceeded cap as well.
bool SaysNoConfigFile(std::string_view fatal) {
  if (!fatal.starts_with(kOpenConfig)) return false;
  const std::string_view text = targets::TrimSpace(fatal.substr(kOpenConfig.size()));
  const bool local =
      text.starts_with("stat ") && text.ends_with("/config: no such file or directory");
  constexpr std::array<std::string_view, 6> kWhole = {
      "Stat: b2_download_file_by_name: 404: File with such name does not exist.",
      "Stat: b2_download_file_by_name: 404:",
      "Stat: The specified key does not exist.",
      "client.GetObject: The specified key does not exist.",
      "<config/> does not exist",
      "Lstat: file does not exist",
  };
  return local || std::ranges::find(kWhole, text) != kWhole.end();
}

std::optional<Failure> FromOldNoRepository(const Evidence& evidence,
                                           const targets::ResticVersion& version) {
  if (Has(version, Feature::kExitCodeNoRepository)) return std::nullopt;
  const bool asks =
      std::ranges::find(evidence.final_lines, "Is there a repository at the following location?") !=
      evidence.final_lines.end();
  if (!asks || !SaysNoConfigFile(evidence.fatal)) return std::nullopt;
  return Make(Cause::kNoRepository, fmt::format("there is no repository: {}", evidence.fatal));
}

/// The line that tells a person most when no rule knows it.
std::string MostTelling(const Evidence& evidence, int code) {
  if (!evidence.fatal.empty()) return evidence.fatal;
  if (!evidence.final_lines.empty()) return evidence.final_lines.front();
  if (!evidence.retry_lines.empty()) return evidence.retry_lines.back();
  return fmt::format("restic ended with exit code {} and said nothing", code);
}

std::optional<Failure> FromVerdict(StopCause cause) {
  switch (cause) {
    case StopCause::kNone:
      return std::nullopt;
    case StopCause::kRequested:
      return Make(Cause::kInterrupted, "stopped on request");
    case StopCause::kDeadline:
      return Make(Cause::kDeadline, "it ran longer than allowed and was stopped");
    case StopCause::kStalled:
      return Make(Cause::kStalled,
                  "no input, no output and no CPU time for too long; it was stopped");
    case StopCause::kRunaway:
      return Make(
          Cause::kRunaway,
          "it wrote many times more than it had to, the same data again and again; it was stopped");
    case StopCause::kOutputVerdict:
      return Make(Cause::kStalled,
                  "restic waited for a lock that was gone already; it was stopped");
  }
  return std::nullopt;
}

/// What it was stopped at: restic tries some errors again for a quarter of an hour, old releases
/// for ever. A refusal that no patience changes is the cause itself.
Failure WithLastTry(Failure failure, const Evidence& evidence) {
  if (evidence.retry_lines.empty()) return failure;
  const std::string& last = evidence.retry_lines.back();
  const auto known = FromLines(std::span(&last, 1));
  if (known && (known->cause == Cause::kCapExceeded || known->cause == Cause::kKeyRefused))
    return *known;
  failure.reason =
      targets::OneLine(fmt::format("{}; its last try failed: {}", failure.reason, last));
  return failure;
}

Failure FromSignal(int signal, const ResourceUse& resources) {
  if (signal == SIGKILL && resources.memory_kills > 0) {
    return Make(Cause::kOutOfMemory,
                fmt::format("the kernel killed restic for want of memory; it had taken {}",
                            targets::FormatSize(resources.peak_memory)));
  }
  if (signal == SIGKILL) {
    return Make(Cause::kOutOfMemory,
                "restic was killed by somebody else; probably the machine is out of memory");
  }
  const char* name = sigabbrev_np(signal);
  const std::string reason =
      fmt::format("restic was ended by signal {}{}{}", signal, name == nullptr ? "" : " SIG",
                  name == nullptr ? "" : name);
  const bool interrupted = signal == SIGINT || signal == SIGTERM || signal == SIGHUP;
  return Make(interrupted ? Cause::kInterrupted : Cause::kUnknown, reason);
}

/// The exit codes that say it all, in the releases that have them.
std::optional<Failure> FromExitCode(int code, const Evidence& evidence,
                                    const targets::ResticVersion& version) {
  if (code == 130) return Make(Cause::kInterrupted, "restic was interrupted");
  if (code == 12 && Has(version, Feature::kExitCodeWrongPassword)) {
    return Make(Cause::kWrongPassword, MostTelling(evidence, code));
  }
  const bool locked = code == 11 && Has(version, Feature::kExitCodeLocked);
  const bool absent = code == 10 && Has(version, Feature::kExitCodeNoRepository);
  if (!locked && !absent) return std::nullopt;
  // The text is more precise: who holds the lock; whether it is the bucket that is missing.
  const auto from_text = FromLines(evidence.final_lines);
  if (from_text && locked && from_text->cause == Cause::kLocked) return from_text;
  if (from_text && absent && from_text->cause == Cause::kBucketAbsent) return from_text;
  return Make(locked ? Cause::kLocked : Cause::kNoRepository, MostTelling(evidence, code));
}

/// Exit 3 of a backup: a snapshot was saved, but not everything is in it.
std::optional<Failure> FromIncomplete(const Evidence& evidence) {
  constexpr std::string_view kSaid = "Warning: at least one source file could not be read";
  if (std::ranges::find(evidence.final_lines, kSaid) == evidence.final_lines.end())
    return std::nullopt;
  for (const Rule& rule : FailureRules()) {
    if (rule.cause != Cause::kDamaged) continue;
    for (const std::string& line : evidence.final_lines) {
      if (Matches(rule, line)) return Make(Cause::kDamaged, line, rule.hint);
    }
  }
  return Make(Cause::kIncomplete, "at least one source file could not be read");
}

Failure FromExit(int code, const Evidence& evidence, const targets::ResticVersion& version) {
  if (auto failure = FromExitCode(code, evidence, version)) return *std::move(failure);
  if (code == 3) {
    if (auto failure = FromIncomplete(evidence)) return *std::move(failure);
  }
  if (auto failure = FromOldNoRepository(evidence, version)) return *std::move(failure);
  // What ended the command weighs more than an error that was retried, perhaps with success, long
  // before.
  if (auto failure = FromLines(evidence.final_lines)) return *std::move(failure);
  if (auto failure = FromLines(evidence.retry_lines)) return *std::move(failure);
  return Make(Cause::kUnknown, MostTelling(evidence, code));
}

}  // namespace

std::string_view CauseName(Cause cause) { return InfoOf(cause).name; }

std::optional<Failure> Classify(const ProcessResult& result,
                                const targets::ResticVersion& version) {
  if (auto failure = FromVerdict(result.stop_cause)) {
    const bool watched = result.stop_cause != StopCause::kRequested;
    return watched ? WithLastTry(*failure, CollectEvidence(result.stderr_tail)) : failure;
  }
  if (const auto* not_started = std::get_if<NotStarted>(&result.status)) {
    return Make(Cause::kProgramMissing,
                fmt::format("restic could not be started: {}", not_started->reason),
                "install restic (Debian: apt install restic) and see that it is in PATH");
  }
  if (const auto* signalled = std::get_if<Signalled>(&result.status))
    return FromSignal(signalled->signal, result.resources);
  const int code = std::get<Exited>(result.status).code;
  if (code == 0) return std::nullopt;
  return FromExit(code, CollectEvidence(result.stderr_tail), version);
}

Failure ComplaintFailure(const ProcessResult& result, const targets::ResticVersion& version) {
  return FromExit(1, CollectEvidence(result.stderr_tail), version);
}

}  // namespace runner
