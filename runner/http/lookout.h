#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/health/report.h"
#include "runner/health/source_looks.h"
#include "runner/history/history_store.h"
#include "runner/http/look.h"
#include "targets/base/redactor.h"
#include "targets/base/result.h"

namespace runner {

/// Looks at everything when somebody asks, at most once in kFresh, whoever asks. Thread-safe.
/// A source that did not answer is not looked at for kSilence, then for twice as long, and so on:
/// each look at a dead mount leaves a thread in the kernel.
class Lookout {
 public:
  static constexpr std::chrono::milliseconds kFresh{1000};
  static constexpr std::chrono::minutes kSilence{10};

  /// What it looks with; all of it outlives the lookout.
  struct Tools {
    FileSystem& files;
    const Clock& clock;
    HistoryStore& history;
    std::function<targets::Redactor()> redactor;  // with the secrets that are known by now
    SourceLooks::Nap nap = {};                    // for tests
  };

  Lookout(Tools tools, std::shared_ptr<const Installed> installed);

  /// From now on this configuration is in force.
  void Use(std::shared_ptr<const Installed> installed);
  [[nodiscard]] std::shared_ptr<const Installed> InForce() const;

  /// Errors: a schedule or zone that a checked configuration does not have.
  targets::Result<std::shared_ptr<const Look>> Now();

  /// Whether the daemon is alive: the healthcheck's own verdict about it alone.
  [[nodiscard]] HealthReport Live() const;

  /// A thread still hangs in a file system: the program has to end by std::_Exit.
  [[nodiscard]] bool Hangs() const;

  [[nodiscard]] HistoryStore& history() const { return tools_.history; }
  [[nodiscard]] targets::Redactor redactor() const { return tools_.redactor(); }

 private:
  struct Silence {
    MonotonicTime until{};
    std::chrono::minutes length{};
  };

  targets::Result<std::shared_ptr<const Look>> LookAround(std::shared_ptr<const Installed> with);
  void RememberSilence(const StatusInput& input);
  void ReadHistory(Look& look);

  Tools tools_;
  mutable std::mutex installed_mutex_;
  std::shared_ptr<const Installed> installed_;
  mutable std::mutex mutex_;  // of all below
  std::shared_ptr<const Look> look_;
  MonotonicTime looked_at_{};
  std::map<targets::TargetId, Silence> silent_;
  bool hangs_ = false;
  std::optional<RunDigest> digest_;
  std::string digest_zone_;
  std::int64_t digested_ = 0;  // the newest run that is in it
};

}  // namespace runner
