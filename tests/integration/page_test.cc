// The status page and the API of a living daemon, with the real restic.
#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>

#include "tests/integration/program_test.h"
#include "tests/support/prometheus.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kToken = "correct-horse-battery";

struct Answer {
  int status = 0;
  std::string body;
  std::string cookie;
};

class PageTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("token", std::string(kToken) + "\n", 0600);
    Configure("server: {listen: '127.0.0.1:0', token_file: " + ws().Path("token") + "}\n");
  }

  void Configure(const std::string& server, const std::string& more = "") {
    ws().Write("backup.yaml", ws().ConfigHead() + server +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n" + more);
  }

  /// A daemon whose page is there.
  std::unique_ptr<Background> Start() {
    auto daemon = ws().StartRunner({"daemon"});
    EXPECT_TRUE(Eventually([&] {
      std::smatch found;
      const std::string said = daemon->OutputSoFar();
      if (!std::regex_search(said, found, std::regex("page is at http://127.0.0.1:(\\d+)/")))
        return false;
      port_ = static_cast<Poco::UInt16>(std::stoi(found[1]));
      return true;
    })) << daemon->OutputSoFar();
    return daemon;
  }

  [[nodiscard]] std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  Answer Ask(const std::string& method, const std::string& path, const std::string& body = "",
             const std::map<std::string, std::string>& headers = {}) const {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
    for (const auto& [name, value] : headers) request.set(name, value);
    if (method == "POST") {
      request.setContentType("application/x-www-form-urlencoded");
      request.setContentLength(static_cast<std::streamsize>(body.size()));
    }
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    Answer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
    answer.status = response.getStatus();
    answer.cookie = response.get("Set-Cookie", "");
    answer.cookie = answer.cookie.substr(0, answer.cookie.find(';'));
    return answer;
  }
  Answer Get(const std::string& path) const { return Ask("GET", path); }

  static bool Has(const Answer& answer, const std::string& words) {
    return answer.body.find(words) != std::string::npos;
  }
  bool IsBackedUp() {
    return ws().Read("state/targets/photos/backup_status").starts_with("SUCCESS");
  }
  std::size_t Runs() const {
    rapidjson::Document document;
    document.Parse(Get("/api/v1/history?target=photos&stage=backup").body);
    return document["runs"].Size();
  }

 private:
  Poco::UInt16 port_ = 0;
};

TEST_P(PageTest, ShowsWhatTheDaemonDidAndEndsWithIt) {
  const auto daemon = Start();
  ASSERT_TRUE(Eventually([&] { return IsBackedUp(); }));
  EXPECT_TRUE(Eventually([&] { return Get("/readyz").status == 200; }));
  EXPECT_TRUE(Eventually([&] { return Has(Get("/"), "last 30 days: 1 good"); }));
  EXPECT_TRUE(Has(Get("/"), "Healthy</h1>"));
  EXPECT_TRUE(Eventually([&] {
    return Get("/targets/photos").body.find("stays") != std::string::npos;
  })) << "the listing that proved the backup is at hand";
  EXPECT_EQ(Get("/plan").status, 200);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/style.css").status, 200);
  EXPECT_EQ(Get("/api/v1/status").status, 200);
  daemon->Signal(SIGTERM);
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon->Wait().code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(10));
  EXPECT_THROW(Get("/"), Poco::Net::NetException);
}

TEST_P(PageTest, PrometheusScrapesTheMetrics) {
  if (!Prometheus::IsHere(ws())) GTEST_SKIP() << "no prometheus here (tools/packages.txt)";
  const auto daemon = Start();
  ASSERT_TRUE(Eventually([&] { return Runs() == 1; }));
  const Prometheus prometheus(ws(), Address());
  EXPECT_TRUE(Eventually([&] { return !prometheus.Query("runner_healthy == 1").empty(); }))
      << prometheus.Query("up");
  EXPECT_THAT(prometheus.Query("runner_backup_size_bytes{target=\"photos\"}"), HasSubstr("=> 3 @"));
  const std::string text = Get("/metrics").body;
  const std::regex sample("\nrunner_");
  const auto samples = std::distance(std::sregex_iterator(text.begin(), text.end(), sample), {});
  EXPECT_TRUE(Eventually([&] {
    return prometheus.Query("scrape_samples_scraped")
               .find("=> " + std::to_string(samples) + " @") != std::string::npos;
  })) << prometheus.Query("scrape_samples_scraped")
      << samples << " were served";
}

TEST_P(PageTest, ActsOnlyForWhoHasTheToken) {
  const auto daemon = Start();
  ASSERT_TRUE(Eventually([&] { return Runs() == 1; }));
  EXPECT_EQ(Ask("POST", "/actions/run", "target=photos").status, 403);
  EXPECT_EQ(Ask("POST", "/login", "token=wrong").status, 403);
  const Answer in = Ask("POST", "/login", std::string("token=") + kToken);
  ASSERT_EQ(in.status, 303);
  const std::map<std::string, std::string> mine = {{"Cookie", in.cookie}};
  const std::string page = Ask("GET", "/targets/photos", "", mine).body;
  std::smatch key;
  ASSERT_TRUE(std::regex_search(page, key, std::regex("name=\"key\" value=\"([0-9a-f]+)\"")));
  EXPECT_EQ(Ask("POST", "/actions/run", "target=photos&key=x", mine).status, 403);
  EXPECT_EQ(Runs(), 1U);
  EXPECT_EQ(Ask("POST", "/actions/run", "target=photos&key=" + key[1].str(), mine).status, 202);
  EXPECT_TRUE(Eventually([&] { return Runs() == 2; }));
  EXPECT_THAT(Get("/api/v1/history").body, HasSubstr("somebody asked for it on the status page"));
  EXPECT_EQ(Ask("POST", "/api/v1/actions/run", "target=photos",
                {{"Authorization", std::string("Bearer ") + kToken}})
                .status,
            202);
  EXPECT_TRUE(Eventually([&] { return Runs() == 3; }));
  EXPECT_THAT(daemon->OutputSoFar(), Not(HasSubstr(kToken)));
}

/// The channel hears of the recovery at once, not with the next job.
TEST_P(PageTest, TakesTheAnswerToAQuarantine) {
  for (int i = 0; i < 8; ++i) ws().Write("photos/" + std::to_string(i), "photo");
  const std::string token = "server: {listen: '127.0.0.1:0', token_file: " + ws().Path("token");
  Configure(token + "}\nnotify:\n  told: {kind: command, command: [sh, -c, 'echo " +
                "$$RUNNER_EVENT >> " + ws().Path("told") + "']}\n",
            "    guard: {max_shrink: 50%}\n");
  const Ran first = ws().Runner({"run", "--stage", "backup"});
  ASSERT_EQ(first.code, 0) << first.all();
  for (int i = 0; i < 8; ++i) std::filesystem::remove(ws().Path("photos/" + std::to_string(i)));
  const auto daemon = Start();
  const auto quarantined = [&] { return ws().SnapshotIds("target:photos,quarantine").size(); };
  ASSERT_TRUE(Eventually([&] { return quarantined() == 1; })) << daemon->OutputSoFar();
  EXPECT_TRUE(Eventually([&] { return ws().Read("told") == "failure\n"; })) << ws().Read("told");
  EXPECT_THAT(Get("/targets/photos").body, HasSubstr("quarantine"));
  const auto mine =
      std::map<std::string, std::string>{{"Authorization", std::string("Bearer ") + kToken}};
  EXPECT_EQ(Ask("POST", "/api/v1/actions/ack", "target=photos&verdict=maybe", mine).status, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/actions/ack", "target=photos&verdict=accept", mine).status, 202);
  EXPECT_TRUE(Eventually([&] { return quarantined() == 0; })) << daemon->OutputSoFar();
  EXPECT_TRUE(Eventually([&] { return IsBackedUp(); }));
  EXPECT_THAT(Get("/api/v1/history").body, HasSubstr("answered on the status page: accepted 1"));
  EXPECT_TRUE(Eventually([&] { return ws().Read("told") == "failure\nrecovery\n"; }))
      << ws().Read("told");
}

TEST_P(PageTest, StaysReadableAndHonestWithoutAUsableToken) {
  ws().Write("token", "short\n", 0600);
  const auto daemon = Start();
  EXPECT_THAT(daemon->OutputSoFar(), HasSubstr("shorter than 16 characters"));
  EXPECT_EQ(Get("/").status, 200);
  EXPECT_EQ(Ask("POST", "/login", "token=short").status, 403);
}

TEST_P(PageTest, AReloadSwitchesItOffAndOn) {
  const auto daemon = Start();
  Configure("server: {listen: off}\n");
  EXPECT_EQ(ws().Runner({"reload"}).code, 0);
  EXPECT_THROW(Get("/"), Poco::Net::NetException);
  EXPECT_TRUE(daemon->Alive());
}

TEST_P(PageTest, APortThatIsTakenStopsNoBackup) {
  const auto first = Start();
  const std::string taken = first->OutputSoFar();
  std::smatch port;
  ASSERT_TRUE(std::regex_search(taken, port, std::regex("127.0.0.1:\\d+")));
  const std::string address = port[0];
  first->Signal(SIGTERM);
  EXPECT_EQ(first->Wait().code, 0);
  Poco::Net::ServerSocket squatter(Poco::Net::SocketAddress{address});
  Configure("server: {listen: '" + address + "'}\n");
  const auto second = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually(
      [&] { return second->OutputSoFar().find("there is no status page") != std::string::npos; }));
  EXPECT_TRUE(Eventually([&] { return IsBackedUp(); }));
  EXPECT_TRUE(second->Alive());
}

RUNNER_FOR_EACH_RESTIC(PageTest);

}  // namespace
}  // namespace runner::testing
