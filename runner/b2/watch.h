#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "runner/b2/answer.h"
#include "runner/b2/client.h"
#include "targets/b2/judge.h"
#include "targets/model/config.h"

namespace runner {

/// What is known of key and bucket.
struct B2Look {
  std::vector<targets::B2Finding> findings = {};
  std::optional<Failure> failure = {};  // it could not be asked; `findings` are of earlier
  bool asked = false;                   // just now, and not remembered
};

/// Looks at both at once: two calls of class C, or one if the key may not list the bucket.
B2Look AskB2(B2Client& client, const B2Key& key, const targets::B2Demand& demand,
             const Clock& clock, StopHandle& stop);

/// Keeps an eye on key and bucket for little money: one call of class C each time, none while the
/// last answers are younger than a day; both calls at once only if the second one would not come
/// about otherwise (after a restart, or if nobody looks for a day). An answer with an error in it
/// is asked for anew, so that a repair is seen soon. The token stays in memory. Thread-safe. The
/// references outlive it.
class B2Watch {
 public:
  static constexpr std::chrono::hours kFresh{24};
  static constexpr std::chrono::minutes kGreeted{15};

  B2Watch(B2Client& client, B2AnswerStore store, const targets::Config& config,
          targets::B2Address address, B2Key key, const Clock& clock);

  /// kRestic: it cannot open the repository, so the key is asked for even if the answer is fresh.
  enum class Trouble { kNone, kRestic };
  B2Look Look(targets::RepositoryKnown known, Trouble trouble, StopHandle& stop);
  /// Before restic is started: does B2 answer, and may the key read the repository at all? One call
  /// of class C, none if it did so less than kGreeted ago. restic itself hangs without a word, or
  /// says "401: ". What only writing needs is left to Look(), which knows its answer from then on.
  B2Look Greet(StopHandle& stop);

 private:
  enum class Step { kNothing, kAuthorize, kList };

  [[nodiscard]] Step NextStep(const std::optional<B2Answer>& answer,
                              const targets::B2Demand& demand, Trouble trouble) const;
  [[nodiscard]] bool IsStale(targets::UnixTime time) const;
  [[nodiscard]] bool MissedItsTurn(const std::optional<B2Answer>& answer) const;
  /// nullopt: nothing, or what another key or another repository was answered.
  [[nodiscard]] std::optional<B2Answer> Remembered() const;
  void Remember(const B2Answer& answer);
  std::optional<Failure> Authorize(std::optional<B2Answer>& answer, StopHandle& stop);
  std::optional<Failure> List(B2Answer& answer, const targets::B2Demand& demand, StopHandle& stop);

  B2Client& client_;
  B2AnswerStore store_;
  const targets::Config& config_;
  targets::B2Address address_;
  B2Key key_;
  const Clock& clock_;
  std::optional<MonotonicTime> greeted_;  // when it last went well
  std::mutex mutex_;
  targets::Secret token_;
};

}  // namespace runner
