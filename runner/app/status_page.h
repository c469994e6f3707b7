#pragma once

#include <memory>

#include "runner/app/load_configuration.h"
#include "runner/app/machine.h"
#include "runner/base/observer.h"

namespace runner {

/// The daemon's status page: off, or listening where the configuration says. That it cannot listen
/// stops no backup: it is an error of the log, and the next reload tries again. One thread.
class StatusPage {
 public:
  /// `machine` and `observer` outlive it. `loaded` is the first configuration.
  StatusPage(Machine& machine, Observer& observer, const LoadedConfiguration& loaded);
  /// A look that hangs is left behind, and what it uses with it.
  ~StatusPage();
  StatusPage(const StatusPage&) = delete;
  StatusPage& operator=(const StatusPage&) = delete;

  /// From now on this configuration is in force. Starts, moves or ends the server as it says.
  void Use(const LoadedConfiguration& loaded);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace runner
