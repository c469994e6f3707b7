#pragma once

#include <memory>
#include <string>

#include "tests/support/workspace.h"

namespace runner::testing {

/// The real Prometheus on a free port of 127.0.0.1, which scrapes one address each second, for as
/// long as the object lives. A failed start fails the test.
class Prometheus {
 public:
  /// False: prometheus and promtool are not installed (tools/packages.txt).
  [[nodiscard]] static bool IsHere(const Workspace& workspace);

  /// `address` is "127.0.0.1:PORT"; what is there at /metrics is scraped. `workspace` outlives it.
  Prometheus(const Workspace& workspace, const std::string& address);

  /// What `promtool query instant` prints: a line for each series, "" for none.
  [[nodiscard]] std::string Query(const std::string& expression) const;

 private:
  const Workspace& workspace_;
  std::unique_ptr<Background> server_;
  std::string url_;
};

}  // namespace runner::testing
