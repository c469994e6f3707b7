#include "tests/support/radosgw.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/UUIDGenerator.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

namespace runner::testing {
namespace {

constexpr const char* kUser = "test-user";
/// Somebody else may take a port between our look and our use of it.
constexpr int kAttempts = 3;

std::uint16_t FreePort() {
  return Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)).address().port();
}

std::string Uuid() { return Poco::UUIDGenerator::defaultGenerator().createRandom().toString(); }

/// Without keys inside of the cluster: what runs as root on this machine could read them anyway.
/// Without a manager: nobody asks for statistics. radosgw would encrypt its way to the monitor, for
/// which it needs such a key. The monitor must not wait a second for more to decide on: that would
/// be a second for each of radosgw's pools.
std::string Configuration(const std::string& folder, const std::string& cluster,
                          std::uint16_t monitor_port, std::uint16_t port) {
  return fmt::format(R"([global]
fsid = {1}
mon host = v2:127.0.0.1:{2}
mon initial members = a
public addr = 127.0.0.1
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd objectstore = memstore
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
paxos propose interval = 0.05
paxos min wait = 0.01
mon tick interval = 1
mon data = {0}/mon
osd data = {0}/osd
rgw data = {0}/rgw
run dir = {0}
crash dir = {0}
log file = {0}/$name.log
mon cluster log file = {0}/cluster.log
admin socket =
pid file =
rgw frontends = beast endpoint=127.0.0.1:{3} tcp_nodelay=1
)",
                     folder, cluster, monitor_port, port);
}

Radosgw* shared = nullptr;

class EndWithTheTests : public ::testing::Environment {
 public:
  void TearDown() override {
    delete shared;
    shared = nullptr;
  }
};
const ::testing::Environment* const kEnd = ::testing::AddGlobalTestEnvironment(new EndWithTheTests);

}  // namespace

targets::Result<Radosgw*> Radosgw::Shared() {
  if (shared != nullptr) return shared;
  const Workspace look;
  for (const char* program : {"radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd"}) {
    if (look.Run({"sh", "-c", std::string("command -v ") + program}).code != 0)
      return targets::Fail(
          fmt::format("no S3 server here: {} is missing (tools/packages.txt)", program));
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    shared = new Radosgw;
    if (shared->Start()) return shared;
    delete shared;
    shared = nullptr;
  }
  ADD_FAILURE() << "radosgw does not start";
  return targets::Fail("radosgw does not start");
}

Radosgw::Radosgw() : port_(FreePort()), monitor_port_(FreePort()), cluster_(Uuid()) {
  workspace_.Set("CEPH_CONF", workspace_.Path("ceph.conf"));
  workspace_.Set("RCLONE_CONFIG_X_TYPE", "s3");
  workspace_.Set("RCLONE_CONFIG_X_PROVIDER", "Ceph");
  workspace_.Set("RCLONE_CONFIG_X_ENDPOINT", url());
  workspace_.Set("RCLONE_CONFIG_X_ACCESS_KEY_ID", kKeyId);
  workspace_.Set("RCLONE_CONFIG_X_SECRET_ACCESS_KEY", kSecret);
  for (const char* folder : {"mon", "osd", "rgw"}) workspace_.MakeFolder(folder);
  workspace_.Write("ceph.conf", Configuration(workspace_.dir(), cluster_, monitor_port_, port_));
}

Radosgw::~Radosgw() = default;

bool Radosgw::Start() { return StartStore() && StartGateway(); }

/// The monitor, and an object store that it knows.
bool Radosgw::StartStore() {
  const std::string map = workspace_.Path("monmap");
  const std::string store = Uuid();
  if (!Tool({"monmaptool", "--create", "--fsid", cluster_, "--addv", "a",
             fmt::format("[v2:127.0.0.1:{}]", monitor_port_), map}) ||
      !Tool({"ceph-mon", "--mkfs", "-i", "a", "--monmap", map}))
    return false;
  StartDaemon({"ceph-mon", "-i", "a", "-f"});
  if (!Tool({"ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store}) ||
      !Tool({"ceph", "--connect-timeout", "20", "osd", "new", store, "0"}))
    return false;
  StartDaemon({"ceph-osd", "-i", "0", "-f"});
  return true;
}

bool Radosgw::StartGateway() {
  StartDaemon({"radosgw", "-n", "client.rgw", "-f"});
  if (!Tool({"timeout", "60", "radosgw-admin", "user", "create", "--uid", kUser, "--display-name",
             kUser, "--access-key", kKeyId, "--secret", kSecret}))
    return false;
  bool ended = false;
  const bool serves = Eventually([&] {
    ended = !daemons_.back()->Alive();
    return ended || Rclone({"lsd", "--retries", "1", "--low-level-retries", "1", "x:"}).code == 0;
  });
  return serves && !ended;
}

/// Ends with this process, whatever ends it.
void Radosgw::StartDaemon(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
  daemons_.push_back(workspace_.Start(argv));
}

bool Radosgw::Tool(const std::vector<std::string>& argv) const {
  const Ran ran = workspace_.Run(argv);
  if (ran.code == 0) return true;
  std::cerr << argv.front() << ": " << ran.all();
  return false;
}

Ran Radosgw::Rclone(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "rclone");
  return workspace_.Run(arguments);
}

std::string Radosgw::Do(const std::vector<std::string>& arguments) const {
  const Ran ran = Rclone(arguments);
  EXPECT_EQ(ran.code, 0) << ran.all();
  return ran.out;
}

std::string Radosgw::MakeBucket() {
  std::string name = fmt::format("bucket-{}", ++buckets_);
  Do({"mkdir", "x:" + name});
  return name;
}

std::string Radosgw::MakeVersionedBucket() {
  std::string name = MakeBucket();
  EXPECT_EQ(Do({"backend", "versioning", "x:" + name, "Enabled"}), "Enabled\n");
  return name;
}

void Radosgw::Upload(const std::string& folder, const std::string& bucket,
                     const std::string& prefix) {
  Do({"copy", folder, "x:" + bucket + "/" + prefix});
}

std::vector<std::string> Radosgw::Objects(const std::string& bucket, Versions versions) const {
  std::vector<std::string> command = {"lsf", "-R", "--files-only", "x:" + bucket};
  if (versions == Versions::kAll) command.emplace_back("--s3-versions");
  std::istringstream lines(Do(command));
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

/// A request of our own comes last, and is waited for.
std::vector<std::string> Radosgw::Requests() {
  const std::string last = fmt::format("/asked-{}", ++asked_);
  try {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    Poco::Net::HTTPRequest request("GET", last, "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    session.sendRequest(request);
    session.receiveResponse(response);
  } catch (const Poco::Exception& error) {
    ADD_FAILURE() << "radosgw does not answer: " << error.displayText();
    return {};
  }
  std::vector<std::string> requests;
  const bool complete = Eventually([&] {
    requests = Logged();
    return std::ranges::find(requests, "GET " + last) != requests.end();
  });
  EXPECT_TRUE(complete);
  std::erase_if(requests, [](const std::string& line) { return line.starts_with("GET /asked-"); });
  return requests;
}

/// Of lines like `... beast: 0x7f: 127.0.0.1 - user [date] "PUT /bucket/key HTTP/1.1" 200 ...`.
std::vector<std::string> Radosgw::Logged() const {
  std::vector<std::string> requests;
  std::istringstream lines(workspace_.Read("client.rgw.log"));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" beast: ") == std::string::npos) continue;
    const std::size_t from = line.find('"') + 1;
    const std::size_t to = line.find(" HTTP/", from);
    if (from != 0 && to != std::string::npos) requests.push_back(line.substr(from, to - from));
  }
  return requests;
}

}  // namespace runner::testing
