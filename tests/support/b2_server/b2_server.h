#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/b2_server/api.h"
#include "tests/support/b2_server/faults.h"
#include "tests/support/b2_server/request_log.h"
#include "tests/support/b2_server/test_ca.h"

namespace runner::testing {

/// Backblaze B2 on this machine, with buckets in memory: a server on 127.0.0.1 that a client
/// reaches as an HTTPS proxy (proxy_url and ca_file: it answers for *.backblazeb2.com and refuses
/// every other host) or directly (url).
///   B2Server server({.folder = ws.Path("b2")});
///   server.AddBucket("bucket");
///   const B2Server::Credentials key = server.AddKey({.buckets = {"bucket"}, .prefix = "r/"});
///   server.Inject({.api = "b2_upload_file", .status = 503, .count = 2});
///   EXPECT_LE(server.log().ClassC(), 7);
/// Thread-safe. The destructor ends every connection, also one that hangs in a fault. Aborts if it
/// cannot listen or write into its folder.
class B2Server {
 public:
  using Fault = b2::Fault;

  struct Options {
    /// For the certificates; created if absent.
    std::string folder = {};
    /// 0: a free one.
    int port = 0;
    b2::PartSizes part_sizes = {};
    /// Milliseconds since 1970; empty: the machine's clock.
    b2::NowMs now = {};
    /// Is told each request; one at a time.
    std::function<void(const b2::Logged&)> on_request = {};
    /// Sends clients of the proxy on to plain http://127.0.0.1 after the first call: much less
    /// work.
    bool plain_after_authorize = false;
  };

  struct NewKey {
    /// What restic needs for a bucket that exists.
    std::vector<std::string> capabilities = {"listBuckets", "listFiles", "readFiles", "writeFiles",
                                             "deleteFiles"};
    /// Names; empty: all buckets.
    std::vector<std::string> buckets = {};
    std::string prefix = "";
    /// From now; may be negative.
    std::optional<std::chrono::milliseconds> expires_in = {};
    std::string name = "test";
  };
  struct Credentials {
    std::string id;
    std::string secret;
  };

  explicit B2Server(Options options);
  ~B2Server();
  B2Server(const B2Server&) = delete;
  B2Server& operator=(const B2Server&) = delete;

  /// http://127.0.0.1:PORT
  [[nodiscard]] std::string url() const;
  /// The value of HTTPS_PROXY; the same server.
  [[nodiscard]] std::string proxy_url() const { return url(); }
  /// The value of SSL_CERT_FILE, REQUESTS_CA_BUNDLE or --cacert.
  [[nodiscard]] const std::string& ca_file() const { return ca_.ca_file; }

  /// Returns its id. `name`: 6 to 63 characters.
  std::string AddBucket(const std::string& name, const b2::BucketSettings& settings = {});
  Credentials AddKey(const NewKey& key);
  /// May do everything.
  [[nodiscard]] Credentials master_key();

  void Inject(const Fault& fault) { faults_.Add(fault); }
  void ClearFaults() { faults_.Clear(); }
  /// Every token given out so far: the next call with one gets 401 expired_auth_token.
  void ExpireTokens();

  [[nodiscard]] b2::RequestLog& log() { return log_; }
  /// Every version in a bucket, hide markers and unfinished large files too.
  [[nodiscard]] std::vector<b2::FileVersion> Versions(const std::string& bucket,
                                                      const std::string& prefix = "");
  /// Changes what is stored behind the clients' backs: `use(store, keys)`.
  template <typename Use>
  auto With(const Use& use) {
    return api_.With(use);
  }

 private:
  struct Session;
  class Exchange;

  void Listen();
  void Serve(Session& session);
  void RemoveEnded();
  bool Pause(std::chrono::milliseconds time);

  Options options_;
  b2::TestCa ca_;
  b2::Api api_;
  b2::Faults faults_;
  b2::RequestLog log_;
  Poco::Net::Context::Ptr tls_;
  Poco::Net::ServerSocket socket_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::list<Session> sessions_;
  std::thread listener_;
};

}  // namespace runner::testing
