#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "runner/app/machine.h"
#include "runner/base/observer.h"
#include "runner/jobs/report.h"
#include "runner/notify/notifier.h"
#include "targets/model/config.h"

namespace runner {

/// Tells people how things are, beside the jobs: a thread looks at the health after each job and
/// when a verdict would become another one by itself (see NextLook: a backup may become overdue
/// without any job), and sends what there is to say, also what is left from before a restart; it
/// sleeps otherwise. It does not look within kFirstLook before anything has run: what was missed in
/// a downtime is being made up for then. Nobody waits for it but Finish(). Without a channel in the
/// configuration there is no thread. Thread-safe.
class Herald {
 public:
  static constexpr std::chrono::minutes kFirstLook{15};
  /// Another process may be sending for so long; what it did not hear of is told then.
  static constexpr std::chrono::minutes kLockRetry{1};
  /// A source that did not answer is looked at again after so long: each look at it costs a thread.
  static constexpr targets::Duration kDeadSource{3600};

  /// `machine` outlives it.
  Herald(Machine& machine, std::shared_ptr<Observer> observer);
  /// Ends without sending what still waits; it is sent at the next start.
  ~Herald();
  Herald(const Herald&) = delete;
  Herald& operator=(const Herald&) = delete;

  /// From now on this configuration counts.
  void Use(std::shared_ptr<const targets::Config> config);
  void Started(const targets::TargetId& target);
  void Ended(const JobReport& report);
  /// Waits until everything up to now was told, or at least tried once.
  void Finish();

 private:
  enum class Wish { kSend, kLook };
  struct Office;

  void Run();
  [[nodiscard]] std::chrono::seconds Nap() const;
  void Round(Wish wish, RoundInput input);
  std::vector<Verdict> Look(const targets::Config& config);
  void Wake(Wish wish);
  void RestForLong();
  void PutBack(std::vector<RunNews> runs);

  Machine& machine_;
  std::shared_ptr<Observer> observer_;
  // Of the thread alone.
  std::unique_ptr<Office> office_;
  std::set<targets::TargetId> dead_;  // sources that did not answer
  targets::UnixTime dead_until_{};
  targets::UnixTime look_at_{};               // whatever happens before
  std::optional<targets::UnixTime> send_at_;  // what waits

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const targets::Config> config_;
  std::vector<RunNews> runs_;
  std::optional<Wish> wish_;
  bool busy_ = false;
  bool ending_ = false;
  bool hangs_ = false;
  std::thread thread_;
};

}  // namespace runner
