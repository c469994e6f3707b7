// A B2 key given in any of its forms, and the tokens that B2 gives for it, appear in no argv, log,
// plan, marker, answer or error.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "tests/integration/b2_test.h"
#include "tests/integration/command_line_watcher.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// In no other test: all command lines of the machine are looked at.
constexpr const char* kPassword = "battery-staple-51c0e7";
/// The end of every token of the test server.
constexpr const char* kToken = "_token=";

class B2SecretsTest : public B2Test {
 protected:
  void SetUp() override {
    B2Test::SetUp();
    if (IsSkipped()) return;
    key_ = server().AddKey({.buckets = {kBucket}});
    world().MakeCheapRepository(kPassword);
    ws().Write("photos/a.jpg", "a");
    ws().Write("key", key_.secret + "\n", 0600);
    ws().Write("password", std::string(kPassword) + "\n", 0600);
    // What an environment of the user's has, nobody else may have.
    ws().Set("B2_ACCOUNT_ID", "");
    ws().Set("B2_ACCOUNT_KEY", "");
  }

  void Configure(const std::string& key) {
    ws().Write("backup.yaml", "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                                  "\nlogging: {level: debug}\nrepository:\n  url: " + kUrl +
                                  "\n  password_file: " + ws().Path("password") +
                                  "\n  b2:\n    account_id: \"" + key_.id + "\"\n    " + key +
                                  "\ntargets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    hooks: {before: [[sh, -c, env]]}\n");
  }

  void ExpectFree(const std::string& text, const std::string& where) const {
    for (const std::string& secret : {key_.secret, std::string(kPassword), std::string(kToken)})
      EXPECT_THAT(text, Not(HasSubstr(secret))) << "found in " << where;
  }

  void ExpectSecretsNowhere() {
    CommandLineWatcher watcher;
    std::string printed;
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"validate"},
                                               {"doctor"},
                                               {"plan", "--json", "--show-origin"},
                                               {"run", "--debug"},
                                               {"status", "--json"}})
      printed += ws().Runner(command).all();
    EXPECT_EQ(ws().Read("state/targets/photos/backup_status").substr(0, 7), "SUCCESS") << printed;
    // B2 no longer takes the key, and its answers say so.
    server().Inject({.api = "b2_authorize_account", .status = 401, .count = 1000});
    printed += ws().Runner({"run", "--debug"}).all() + ws().Runner({"doctor"}).all();
    EXPECT_THAT(ws().Read("state/targets/photos/backup_status"), HasSubstr("key_refused"));
    ExpectFree(watcher.Stop(), "a command line");
    ExpectFree(printed, "what was printed");
    for (const auto& entry : fs::recursive_directory_iterator(ws().Path("state"))) {
      if (!entry.is_regular_file() || entry.path().string().find("/cache/") != std::string::npos)
        continue;
      ExpectFree(ws().Read(entry.path().lexically_relative(ws().dir())), entry.path());
    }
  }

  B2Server::Credentials key_;
};

TEST_P(B2SecretsTest, Inline) {
  Configure("account_key: \"" + key_.secret + "\"");
  ExpectSecretsNowhere();
}

TEST_P(B2SecretsTest, FromAFile) {
  Configure("account_key_file: " + ws().Path("key"));
  ExpectSecretsNowhere();
}

TEST_P(B2SecretsTest, FromACommand) {
  Configure("account_key_command: [cat, " + ws().Path("key") + "]");
  ExpectSecretsNowhere();
}

TEST_P(B2SecretsTest, FromFilesInEnvironmentMode) {
  ws().Set("RUNNER_CONFIG", "");
  ws().Write("url", std::string(kUrl) + "\n");
  ws().Set("RESTIC_REPOSITORY_FILE", ws().Path("url"));
  ws().Set("RESTIC_PASSWORD_FILE", ws().Path("password"));
  ws().Write("key-id", key_.id + "\n", 0600);
  ws().Set("B2_ACCOUNT_ID_FILE", ws().Path("key-id"));
  ws().Set("B2_ACCOUNT_KEY_FILE", ws().Path("key"));
  ws().Set("BACKUP_SOURCE_DIR", ws().Path("photos"));
  ws().Set("RUNNER_STATE_DIR", ws().Path("state"));
  ws().Set("PUID", std::to_string(getuid()));
  ws().Set("PGID", std::to_string(getgid()));
  CommandLineWatcher watcher;
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  ExpectFree(watcher.Stop(), "a command line");
  ExpectFree(run.all() + ws().Runner({"plan"}).all(), "what was printed");
}

RUNNER_FOR_EACH_RESTIC(B2SecretsTest);

}  // namespace
}  // namespace runner::testing
