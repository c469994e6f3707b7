// The daemon's probe against the B2 test server.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class B2ProbeTest : public B2Test {
 protected:
  static constexpr const char* kBucket = B2World::kBucket;
  static constexpr const char* kUrl = B2World::kUrl;

  /// A daemon whose probe is overdue, and a repository that is there.
  void Start(const B2Server::NewKey& key) {
    key_ = server().AddKey(key);
    ws().Write("photos/a.jpg", "a");
    ws().Write("key", key_.secret, 0600);
    ws().Write("backup.yaml", "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                                  "\nrepository:\n  url: " + kUrl +
                                  "\n  password: correct horse\n  b2:\n    account_id: " + key_.id +
                                  "\n    account_key_file: " + ws().Path("key") +
                                  "\nmaintenance:\n  probe: {every: 1h}\ntargets:\n  photos:\n"
                                  "    source: " +
                                  ws().Path("photos") +
                                  "\n    schedule: {on_start: false, cron: \"0 0 1 1 *\"}\n");
    ws().Write("state/repository/schedule", "runner schedule 1\nprobe settled=1780279200\n");
    const Ran init = Restic({"init"});
    ASSERT_EQ(init.code, 0) << init.all();
    // They would override the key of the configuration.
    for (const char* name : {"B2_ACCOUNT_ID", "B2_ACCOUNT_KEY"}) ws().Set(name, "");
    server().log().Clear();
    daemon_ = ws().StartRunner({"daemon"});
  }
  std::string Marker() { return ws().Read("state/repository/probe_status"); }
  bool MarkerBecomes(const std::string& start) {
    return Eventually([&] { return Marker().starts_with(start); });
  }
  Ran End() {
    daemon_->Signal(SIGTERM);
    Ran ran = daemon_->Wait();
    EXPECT_THAT(ran.all(), Not(HasSubstr(key_.secret)));
    EXPECT_THAT(ws().Read("state/repository/b2_account.json"), Not(HasSubstr(key_.secret)));
    return ran;
  }

  B2Server::Credentials key_;
  std::unique_ptr<Background> daemon_;
};

TEST_P(B2ProbeTest, CostsOneCallMoreThanResticAlone) {
  // Notes each start of restic, which asks for key and bucket itself.
  ws().Write("noting-restic",
             "#!/bin/sh\ncase $* in version) ;; *) echo \"$*\" >> \"" + ws().Path("started") +
                 "\" ;; esac\nexec \"" + ResticProgram(GetParam()) + "\" \"$@\"\n",
             0755);
  ws().Set("RESTIC_BIN", ws().Path("noting-restic"));
  ASSERT_NO_FATAL_FAILURE(Start({.buckets = {kBucket}}));
  const auto starts = [&] { return std::ranges::count(ws().Read("started"), '\n'); };
  ASSERT_TRUE(MarkerBecomes("SUCCESS")) << Marker();
  End();
  EXPECT_EQ(server().log().Count("b2_authorize_account"), starts() + 1);
  EXPECT_EQ(server().log().Count("b2_list_buckets"), starts());
}

TEST_P(B2ProbeTest, WarnsOfAKeyThatExpiresAndStaysHealthy) {
  ASSERT_NO_FATAL_FAILURE(
      Start({.buckets = {kBucket}, .expires_in = std::chrono::minutes((24 * 10 + 5) * 60 + 30)}));
  ASSERT_TRUE(MarkerBecomes("WARNING")) << Marker();
  EXPECT_THAT(Marker(),
              AllOf(HasSubstr("the key expires in 10d5h"), HasSubstr("hint: `b2 key create")));
  EXPECT_TRUE(ws().Exists("state/repository/last_probe_success"));
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_THAT(health.out, HasSubstr("the key expires in"));
  End();
}

TEST_P(B2ProbeTest, FailsIfTheKeyMayNotDoWhatIsNeeded) {
  ASSERT_NO_FATAL_FAILURE(
      Start({.capabilities = {"listBuckets", "listFiles", "readFiles", "writeFiles"},
             .buckets = {kBucket}}));
  ASSERT_TRUE(MarkerBecomes("FAILED")) << Marker();
  EXPECT_THAT(Marker(), AllOf(HasSubstr("the key lacks the capability deleteFiles"),
                              HasSubstr("cause: key_refused")));
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);
  End();
}

RUNNER_FOR_EACH_RESTIC(B2ProbeTest);

}  // namespace
}  // namespace runner::testing
