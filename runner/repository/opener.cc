#include "runner/repository/opener.h"

#include <fmt/format.h>

#include "targets/base/redactor.h"
#include "targets/base/text.h"

namespace runner {
namespace {

tl::unexpected<Failure> Refuse(Cause cause, std::string reason, std::string hint) {
  return tl::unexpected<Failure>(Failure{cause, std::move(reason), std::move(hint), std::nullopt});
}

tl::unexpected<Failure> Refuse(const targets::Error& error) {
  return Refuse(Cause::kUnknown, error.message, error.hint);
}

std::string Short(const std::string& id) { return id.substr(0, 10); }

}  // namespace

RepositoryOpener::RepositoryOpener(const targets::Config& config, Restic& restic,
                                   RepositoryGate& gate, const FactStore& facts, const Clock& clock,
                                   Observer& observer, Greeting greeting)
    : config_(config),
      restic_(restic),
      gate_(gate),
      facts_(facts),
      clock_(clock),
      observer_(observer),
      greeting_(std::move(greeting)) {}

std::string RepositoryOpener::UrlName() const {
  return targets::RedactUrlPasswords(config_.repository.url);
}

bool RepositoryOpener::ProvenRecently(const RepositoryFacts& facts, const std::string& id) const {
  if (!facts.proven_at || facts.proven_url != UrlName()) return false;
  const targets::Duration age = clock_.Now() - *facts.proven_at;
  return age >= targets::Duration{0} &&
         age < (restic_.OpensOnly() == id ? kProofLastsWithKey : kProofLasts);
}

Outcome<std::string> RepositoryOpener::Open(StopHandle& stop) {
  return Find(OldProof::kCounts, WhenMissing::kMayCreate, stop);
}

Outcome<std::string> RepositoryOpener::OpenExisting(StopHandle& stop) {
  return Find(OldProof::kCounts, WhenMissing::kRefuse, stop);
}

Outcome<std::string> RepositoryOpener::Prove(StopHandle& stop) {
  return Find(OldProof::kIgnored, WhenMissing::kRefuse, stop);
}

Outcome<std::string> RepositoryOpener::Find(OldProof old_proof, WhenMissing when_missing,
                                            StopHandle& stop) {
  const auto facts = facts_.ReadRepository();
  if (!facts) return Refuse(facts.error());
  const auto pinned = facts_.PinnedRepositoryId();
  if (!pinned) return Refuse(pinned.error());
  const std::string& expected =
      config_.repository.id.empty() ? pinned->value_or("") : config_.repository.id;
  Greeted greeted;
  if (greeting_ && old_proof == OldProof::kCounts) greeted = greeting_(stop);
  if (greeted.refused) return tl::unexpected<Failure>(*std::move(greeted.refused));
  if (!greeted.doubt && old_proof == OldProof::kCounts && !expected.empty() &&
      pinned->value_or("") == expected && ProvenRecently(*facts, expected))
    return expected;
  if (greeted.doubt) {
    observer_.OnEvent({Severity::kWarning, "repository", "",
                       greeted.doubt->reason + "; restic tries nevertheless"});
  }
  const RepositoryState state = restic_.Probe(stop);
  if (const auto* found = std::get_if<RepositoryFound>(&state)) return Accept(found->id, expected);
  if (std::holds_alternative<RepositoryMissing>(state))
    return HandleMissing(expected, when_missing, stop);
  Failure failure = std::get<RepositoryUnknown>(state).failure;
  if (greeted.doubt && !stop.Stopped()) {
    greeted.doubt->reason =
        targets::OneLine(fmt::format("{} (restic: {})", greeted.doubt->reason, failure.reason));
    failure = *std::move(greeted.doubt);
  }
  return tl::unexpected<Failure>(std::move(failure));
}

/// What was just refuted must not let anybody in for the rest of its hour, or once more after the
/// clock was set back. If that cannot be written, this one is refused nevertheless.
void RepositoryOpener::WithdrawProof() {
  const auto withdrawn =
      facts_.UpdateRepository([](RepositoryFacts& facts) { facts.proven_at.reset(); });
  if (!withdrawn)
    observer_.OnEvent({Severity::kWarning, "repository", "", withdrawn.error().message});
}

Outcome<std::string> RepositoryOpener::Accept(const std::string& found,
                                              const std::string& expected) {
  if (!expected.empty() && expected != found) {
    WithdrawProof();
    return Refuse(
        Cause::kUnknown,
        fmt::format("{} holds repository {}, but this installation belongs to {}", UrlName(),
                    Short(found), Short(expected)),
        "is the url right? If the change is meant, write `id: " + found + "` under `repository:`");
  }
  if (!config_.repository.id.empty()) {
    // The configuration names this very repository: that is how a person agrees to a change.
    if (const auto unpinned = facts_.UnpinRepositoryId(); !unpinned)
      return Refuse(unpinned.error());
  }
  if (const auto saved = facts_.PinRepositoryId(found); !saved) return Refuse(saved.error());
  const auto saved = facts_.UpdateRepository([this](RepositoryFacts& facts) {
    facts.proven_url = UrlName();
    facts.proven_at = clock_.Now();
  });
  if (!saved) return Refuse(saved.error());
  return found;
}

Outcome<std::string> RepositoryOpener::HandleMissing(const std::string& expected,
                                                     WhenMissing when_missing, StopHandle& stop) {
  if (!expected.empty()) {
    WithdrawProof();
    return Refuse(Cause::kNoRepository,
                  fmt::format("repository {} is not at {} any more", Short(expected), UrlName()),
                  "a wrong bucket or path, an unmounted disk, or a deleted repository; it is never "
                  "created anew by itself");
  }
  if (config_.repository.init == targets::InitRule::kNever) {
    return Refuse(Cause::kNoRepository, fmt::format("there is no repository at {}", UrlName()),
                  "create it with `runner restic -- init`, or set repository.init: if_missing");
  }
  if (when_missing == WhenMissing::kRefuse) {
    return Refuse(Cause::kNoRepository, fmt::format("there is no repository at {}", UrlName()),
                  "the first backup creates it");
  }
  return Initialise(stop);
}

Outcome<std::string> RepositoryOpener::Initialise(StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, std::chrono::minutes(5));
  if (!alone) return Refuse(alone.error());
  // Another process of this installation may have been faster.
  const RepositoryState again = restic_.Probe(stop);
  if (const auto* found = std::get_if<RepositoryFound>(&again)) return Accept(found->id, "");
  if (const auto* unknown = std::get_if<RepositoryUnknown>(&again))
    return tl::unexpected<Failure>(unknown->failure);
  const auto id = restic_.Init(stop);
  if (!id) return tl::unexpected<Failure>(id.error());
  observer_.OnEvent(
      {Severity::kInfo, "repository", "", fmt::format("created {} at {}", Short(*id), UrlName())});
  return Accept(*id, "");
}

}  // namespace runner
