#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "tests/support/b2_server/api.h"
#include "tests/support/b2_server/connection.h"
#include "tests/support/b2_server/faults.h"
#include "tests/support/b2_server/request_log.h"

namespace runner::testing::b2 {

/// What all connections of a server share.
struct Shared {
  Api& api;
  Faults& faults;
  RequestLog& log;
  NowMs now;
  /// Waits; false: the server stops.
  std::function<bool(std::chrono::milliseconds)> pause;
};

/// One request on a connection: reads its body, asks the faults and the API, logs, answers. For one
/// thread.
class Exchange {
 public:
  Exchange(Connection& connection, const Shared& shared, Head head);

  /// False: the connection is of no more use.
  bool Run();

 private:
  [[nodiscard]] bool Strikes() const;
  bool ReadRest();
  bool Refused(const Refusal& refusal);
  bool RunFault();
  bool RunAnswer();
  bool Send(const Reply& reply);
  bool SendHalf(const Reply& reply);
  void Log(int status, std::size_t bytes_out);

  Connection& connection_;
  const Shared& shared_;
  Head head_;
  Target target_ = TargetOf(head_.request.path);
  bool upload_ = target_.api.starts_with("b2_upload_");
  std::string body_ = {};
  std::optional<Fault> fault_ = {};
  Logged logged_ = {};
};

/// Answers a CONNECT; true: 200, and TLS follows. Only hosts of B2 are behind the proxy.
bool AnswerConnect(Connection& connection, const Shared& shared, const Head& head);

}  // namespace runner::testing::b2
