#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "targets/base/result.h"
#include "tests/support/workspace.h"

namespace runner::testing {

/// An S3 server with real signatures and versions: Ceph's radosgw with one monitor and one object
/// store in memory, on ports of 127.0.0.1 that were free. One for the whole test program, started
/// when it is first asked for (some four seconds). Its daemons and its folder go with the program.
class Radosgw {
 public:
  static constexpr const char* kKeyId = "test-key-id";
  static constexpr const char* kSecret = "test-secret";

  enum class Versions { kNewest, kAll };

  /// An error says what this machine lacks. A start that fails also fails the test.
  static targets::Result<Radosgw*> Shared();

  ~Radosgw();
  Radosgw(const Radosgw&) = delete;
  Radosgw& operator=(const Radosgw&) = delete;

  /// http://127.0.0.1:PORT
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Makes an empty bucket and returns its name.
  std::string MakeBucket();
  /// The same, of a bucket that keeps what is removed as an old version.
  std::string MakeVersionedBucket();
  /// Puts the files of a folder below `prefix`.
  void Upload(const std::string& folder, const std::string& bucket, const std::string& prefix);
  /// Names; of kAll, old versions bear their time, and no marker of a removal is among them.
  [[nodiscard]] std::vector<std::string> Objects(const std::string& bucket,
                                                 Versions versions) const;
  /// All that was asked so far, like "PUT /bucket/r/config".
  std::vector<std::string> Requests();

 private:
  Radosgw();

  bool Start();
  bool StartStore();
  bool StartGateway();
  void StartDaemon(std::vector<std::string> argv);
  [[nodiscard]] bool Tool(const std::vector<std::string>& argv) const;
  [[nodiscard]] Ran Rclone(std::vector<std::string> arguments) const;
  std::string Do(const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::vector<std::string> Logged() const;

  Workspace workspace_;
  std::uint16_t port_;
  std::uint16_t monitor_port_;
  std::string cluster_;
  int buckets_ = 0;
  int asked_ = 0;
  std::vector<std::unique_ptr<Background>> daemons_;
};

}  // namespace runner::testing
