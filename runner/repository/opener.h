#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/repository/child_ledger.h"
#include "runner/repository/gate.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "targets/model/config.h"

namespace runner {

/// Proves before a wave that the configured repository is there and is the one that this
/// installation knows.
/// - found: its id must be the pinned one (configured, or remembered since the first use);
/// otherwise an alarm;
/// - proven missing: it is initialised only if the configuration says so and no id was ever pinned;
/// otherwise an alarm:
///   a wrong bucket, an unmounted disk or a vanished repository must never become a fresh, empty
///   repository;
/// - anything else: a failure; nobody backs up into the unknown.
/// A proof is good for `kProofLasts` as long as the url stays the same and no later answer refutes
/// it; for `kProofLastsWithKey` while a machine key is in use, since that opens no other
/// repository.
class RepositoryOpener {
 public:
  static constexpr targets::Duration kProofLasts{3600};
  static constexpr targets::Duration kProofLastsWithKey{36 * 3600};  // longer than a day

  /// What the storage's provider said before restic is started.
  struct Greeted {
    std::optional<Failure> refused = {};  // restic cannot succeed
    std::optional<Failure> doubt = {};    // it may; if not, this is why
  };
  using Greeting = std::function<Greeted(StopHandle&)>;

  /// `greeting`, which Prove() leaves out, may be empty.
  RepositoryOpener(const targets::Config& config, Restic& restic, RepositoryGate& gate,
                   const FactStore& facts, const Clock& clock, Observer& observer,
                   Greeting greeting = {});

  /// The repository's id. The only one of the three that may create it.
  Outcome<std::string> Open(StopHandle& stop);
  /// The same for work that a new repository has no use for: forget, prune, check.
  Outcome<std::string> OpenExisting(StopHandle& stop);
  /// Asks the repository itself, however young the last proof is.
  Outcome<std::string> Prove(StopHandle& stop);

 private:
  enum class OldProof { kCounts, kIgnored };
  enum class WhenMissing { kMayCreate, kRefuse };

  Outcome<std::string> Find(OldProof old_proof, WhenMissing when_missing, StopHandle& stop);
  Outcome<std::string> Accept(const std::string& found, const std::string& expected);
  Outcome<std::string> HandleMissing(const std::string& expected, WhenMissing when_missing,
                                     StopHandle& stop);
  Outcome<std::string> Initialise(StopHandle& stop);
  void WithdrawProof();
  [[nodiscard]] bool ProvenRecently(const RepositoryFacts& facts, const std::string& id) const;
  [[nodiscard]] std::string UrlName() const;

  const targets::Config& config_;
  Restic& restic_;
  RepositoryGate& gate_;
  const FactStore& facts_;
  const Clock& clock_;
  Observer& observer_;
  const Greeting greeting_;
};

}  // namespace runner
