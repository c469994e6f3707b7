#pragma once

#include <memory>

#include "runner/app/load_configuration.h"
#include "runner/app/machine.h"
#include "runner/base/observer.h"

namespace runner {

class Herald;
class Mailbox;
class ProgressBoard;
class SessionWorkshop;
struct Installed;

/// What the daemon keeps of a configuration in force.
std::shared_ptr<const Installed> Keep(Machine& machine, LoadedConfiguration loaded);
/// Lives as long as it is held.
std::shared_ptr<const targets::Config> ConfigOf(const std::shared_ptr<const Installed>& installed);

/// The daemon's status page: off, or listening where the configuration says. That it cannot listen
/// stops no backup: it is an error of the log, and the next reload tries again. What a person asks
/// for there is posted to the daemon, and the herald hears of an answer. One thread.
class StatusPage {
 public:
  /// All arguments outlive it. Nothing listens before Use().
  StatusPage(Machine& machine, ProgressBoard& board, Mailbox& mailbox, Herald& herald,
             const std::shared_ptr<const Installed>& installed);
  /// A look that hangs is left behind, and what it uses with it.
  ~StatusPage();
  StatusPage(const StatusPage&) = delete;
  StatusPage& operator=(const StatusPage&) = delete;

  /// From now on this configuration is in force, and `workshop` works with it. Starts, moves or
  /// ends the server as it says.
  void Use(const std::shared_ptr<const Installed>& installed,
           std::shared_ptr<SessionWorkshop> workshop);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace runner
