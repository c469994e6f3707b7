#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/workspace.h"

namespace runner::testing {

enum class RestMode { kFull, kAppendOnly };

/// `rclone serve restic` over a folder, on a free port of 127.0.0.1, for as long as the object
/// lives. A failed start fails the test.
class RestServer {
 public:
  RestServer(const Workspace& workspace, const std::string& folder,
             RestMode mode = RestMode::kFull);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return Url(port_); }
  /// The repository as seen through another port of this machine.
  [[nodiscard]] static std::string Url(std::uint16_t port);

 private:
  std::unique_ptr<Background> server_;
  std::uint16_t port_ = 0;
};

}  // namespace runner::testing
