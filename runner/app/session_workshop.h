#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "runner/app/session.h"
#include "runner/daemon/workshop.h"

namespace runner {

/// The daemon's work on the real machine: a Session for one configuration, opened when it is first
/// needed. One that cannot be opened (a secret that is not there yet, say) blocks the job that
/// wanted it, and is tried again with the next.
class SessionWorkshop final : public Workshop {
 public:
  /// `machine` outlives it.
  SessionWorkshop(Machine& machine, std::shared_ptr<const targets::Config> config,
                  std::shared_ptr<Observer> observer)
      : machine_(machine), config_(std::move(config)), observer_(std::move(observer)) {}

  /// Opens the session now, so that what is wrong is seen at once and not with the first job.
  void Open();

  /// What `runner ack` does; tells the observer and the history what was done, as the report does.
  /// nullopt: nothing could be done.
  std::optional<JobReport> Acknowledge(const targets::TargetId& target, Answer answer,
                                       StopHandle& stop);

  struct KnownListing {
    Listing listing;
    targets::ResticVersion version;
  };
  /// The last believed listing of this instance; nullopt: there was none, or it is being taken.
  /// Asks and waits for nobody.
  std::optional<KnownListing> LastListing();

  std::optional<JobReport> BackUp(const StartJob& job, StopHandle& stop) override;
  std::vector<JobReport> Prove(const std::set<targets::TargetId>& targets) override;
  std::vector<JobReport> Run(const StartJob& job, StopHandle& stop) override;

 private:
  targets::Result<Session*> Ready();

  Machine& machine_;
  std::shared_ptr<const targets::Config> config_;
  std::shared_ptr<Observer> observer_;
  std::mutex mutex_;
  std::unique_ptr<Session> session_;
  std::optional<targets::Error> refusal_;  // of the last try to open it
  MonotonicTime refused_at_{};
  std::map<targets::TargetId, RanBackup> unproven_;
};

}  // namespace runner
