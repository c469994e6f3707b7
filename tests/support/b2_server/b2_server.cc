#include "tests/support/b2_server/b2_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <fmt/format.h>
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "tests/support/b2_server/connection.h"
#include "tests/support/b2_server/exchange.h"

namespace runner::testing {
namespace {

constexpr std::size_t kMostSessions = 200;
const Poco::Timespan kAcceptWait(60, 0);

std::int64_t MachineNow() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void Die(const std::string& why) {
  fmt::print(stderr, "b2 test server: {}\n", why);
  std::abort();
}

b2::TestCa MakeCaOrDie(const std::string& folder) {
  const auto ca = b2::MakeTestCa(folder);
  if (!ca) Die(ca.error().message);
  return *ca;
}

Poco::Net::Context::Ptr MakeTls(const b2::TestCa& ca) {
  return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, ca.leaf_key_file, ca.leaf_file,
                                "", Poco::Net::Context::VERIFY_NONE);
}

/// OpenSSL writes to sockets whose peer may be gone.
void BlockPipeSignal() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

struct B2Server::Session {
  std::unique_ptr<b2::Connection> connection;  // none: ended
  std::thread thread;
};

B2Server::B2Server(Options options)
    : options_(std::move(options)),
      ca_(MakeCaOrDie(options_.folder)),
      api_(options_.now ? options_.now : MachineNow, options_.part_sizes),
      log_(options_.on_request),
      tls_(MakeTls(ca_)) {
  try {
    const Poco::Net::SocketAddress address("127.0.0.1", static_cast<Poco::UInt16>(options_.port));
    socket_.bind(address, true);
    socket_.listen(128);
  } catch (const Poco::Exception& error) {
    Die(fmt::format("cannot listen on port {}: {}", options_.port, error.displayText()));
  }
  listener_ = std::thread([this] { Listen(); });
}

B2Server::~B2Server() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Session& session : sessions_) {
      if (session.connection != nullptr) b2::Shutdown(session.connection->fd());
    }
  }
  changed_.notify_all();
  b2::Shutdown(socket_.impl()->sockfd());
  listener_.join();
  for (Session& session : sessions_) session.thread.join();
}

std::string B2Server::url() const {
  return "http://127.0.0.1:" + std::to_string(socket_.address().port());
}

std::string B2Server::AddBucket(const std::string& name, const b2::BucketSettings& settings) {
  const auto bucket =
      api_.With([&](b2::Store& store, b2::Keys&) { return store.AddBucket(name, settings); });
  if (!bucket) Die(bucket.error().message);
  return bucket->id;
}

B2Server::Credentials B2Server::AddKey(const NewKey& key) {
  b2::NewKey rights{.name = key.name, .capabilities = key.capabilities, .prefix = key.prefix};
  const b2::NowMs now = options_.now ? options_.now : MachineNow;
  if (key.expires_in) rights.expires_ms = now() + key.expires_in->count();
  return api_.With([&](b2::Store& store, b2::Keys& keys) {
    for (const std::string& name : key.buckets) {
      const auto bucket = store.BucketNamed(name);
      if (!bucket) Die(bucket.error().message);
      rights.bucket_ids.push_back(bucket->id);
    }
    const b2::Key made = keys.Add(rights);
    return Credentials{made.id, made.secret};
  });
}

B2Server::Credentials B2Server::master_key() {
  return api_.With([](b2::Store&, b2::Keys& keys) {
    return Credentials{keys.master().id, keys.master().secret};
  });
}

void B2Server::ExpireTokens() {
  api_.With([](b2::Store&, b2::Keys& keys) { keys.ExpireTokens(); });
}

std::vector<b2::FileVersion> B2Server::Versions(const std::string& bucket,
                                                const std::string& prefix) {
  return api_.With([&](b2::Store& store, b2::Keys&) -> std::vector<b2::FileVersion> {
    const auto found = store.BucketNamed(bucket);
    if (!found) return {};
    const auto listing = store.ListVersions(found->id, {.prefix = prefix, .max = 1'000'000});
    return listing->files;
  });
}

void B2Server::RemoveEnded() {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    if (session->connection != nullptr) {
      ++session;
      continue;
    }
    session->thread.join();
    session = sessions_.erase(session);
  }
}

void B2Server::Listen() {
  BlockPipeSignal();
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] {
        RemoveEnded();
        return stopping_ || sessions_.size() < kMostSessions;
      });
      if (stopping_) return;
    }
    try {
      if (!socket_.poll(kAcceptWait, Poco::Net::Socket::SELECT_READ)) continue;
      auto connection = std::make_unique<b2::Connection>(socket_.acceptConnection());
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      Session& session = sessions_.emplace_back(std::move(connection), std::thread());
      session.thread = std::thread([this, &session] { Serve(session); });
    } catch (const Poco::Exception&) {
      // A client that was gone before it was accepted, or the end; the loop knows which.
    }
  }
}

void B2Server::Serve(Session& session) {
  BlockPipeSignal();
  b2::Connection& connection = *session.connection;
  const b2::Shared shared{api_, faults_, log_, options_.now ? options_.now : MachineNow,
                          [this](std::chrono::milliseconds time) { return Pause(time); }};
  b2::Origin origin{url(), url(), url()};
  while (auto head = connection.ReadHead()) {
    if (head->request.method == "CONNECT") {
      if (!b2::AnswerConnect(connection, shared, *head) || !connection.StartTls(tls_)) break;
      if (!options_.plain_after_authorize)
        origin = {"https://api001.backblazeb2.com", "https://f001.backblazeb2.com",
                  "https://pod-000-1001-01.backblazeb2.com"};
      continue;
    }
    head->request.origin = origin;
    if (!b2::Exchange(connection, shared, *std::move(head)).Run()) break;
  }
  b2::Shutdown(connection.fd());
  const std::lock_guard lock(mutex_);
  session.connection.reset();
  changed_.notify_all();
}

bool B2Server::Pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace runner::testing
