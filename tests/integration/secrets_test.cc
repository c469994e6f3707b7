// A secret given in any of its forms appears in no argv, log, plan, marker or error.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "tests/integration/command_line_watcher.h"
#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPassword = "Pass\"word-7f3a9c";
constexpr const char* kEscaped = "Pass\\\"word-7f3a9c";
constexpr const char* kKey = "K00key-5d2e8b71";

class SecretsTest : public ProgramTest {
 protected:
  void WriteConfig(const std::string& password_lines) {
    MakeCheapRepository(kPassword);
    ws().Write("photos/a.jpg", "aaa");
    ws().Write(
        "backup.yaml",
        "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
            "\nlogging: {level: debug}\nrepository:\n  url: " + ws().Path("repo") + "\n" +
            password_lines +
            "  b2: {account_id: \"0012345\", account_key_file: " + ws().Path("b2-key") +
            "}\n"
            "targets:\n  photos:\n    source: " +
            ws().Path("photos") +
            "\n    hooks: {before: [[sh, -c, 'env']], after: [[sh, -c, 'env > " +
            ws().Path("hook-environment") +
            "']]}\n  stream:\n    command: [sh, -c, 'env; env >&2']\n    filename: env.txt\n");
    ws().Write("b2-key", std::string(kKey) + "\n", 0600);
  }

  /// Runs every command, watching all processes, and looks for the secrets everywhere.
  void ExpectSecretsNowhere() {
    CommandLineWatcher watcher;
    std::string printed;
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"validate"},
                                               {"plan", "--show-origin"},
                                               {"plan", "--json", "--show-origin"},
                                               {"run", "--debug"},
                                               {"snapshots", "--json"},
                                               {"healthcheck", "--json"},
                                               {"restic", "--", "stats"},
                                               {"run", "nothing-here"}}) {
      printed += ws().Runner(command).all();
    }
    ExpectFree(watcher.Stop(), "a command line");
    ExpectFree(printed, "what was printed");
    ExpectFree(ws().Read("hook-environment"), "a hook's environment");
    for (const auto& entry : fs::recursive_directory_iterator(ws().Path("state"))) {
      if (!entry.is_regular_file() || entry.path().string().find("/cache/") != std::string::npos)
        continue;
      ExpectFree(ws().Read(entry.path().lexically_relative(ws().dir())), entry.path());
    }
    EXPECT_EQ(ws().Read("state/targets/photos/backup_status").substr(0, 7), "SUCCESS") << printed;
  }

  static void ExpectFree(const std::string& text, const std::string& where) {
    for (const char* secret : {kPassword, kEscaped, kKey}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << "found in " << where;
    }
  }
};

TEST_P(SecretsTest, Inline) {
  WriteConfig(std::string("  password: '") + kPassword + "'\n");
  ExpectSecretsNowhere();
}

TEST_P(SecretsTest, ExpandedFromTheEnvironment) {
  ws().Set("REPOSITORY_PASSWORD", kPassword);
  WriteConfig("  password: ${REPOSITORY_PASSWORD}\n");
  // The user's own variable is the user's affair, but it must not be printed; hooks may see what
  // the user exported.
  ws().Set("REPOSITORY_PASSWORD", kPassword);
  CommandLineWatcher watcher;
  const std::string printed = ws().Runner({"plan"}).all() + ws().Runner({"run"}).all();
  ExpectFree(watcher.Stop(), "a command line");
  ExpectFree(printed, "what was printed");
}

TEST_P(SecretsTest, FromAFile) {
  ws().Write("password", std::string(kPassword) + "\n", 0600);
  WriteConfig("  password_file: " + ws().Path("password") + "\n");
  ExpectSecretsNowhere();
}

TEST_P(SecretsTest, FromACommand) {
  ws().Write("password", std::string(kPassword) + "\n", 0600);
  WriteConfig("  password_command: [cat, " + ws().Path("password") + "]\n");
  ExpectSecretsNowhere();
}

TEST_P(SecretsTest, InEnvironmentModeToo) {
  MakeCheapRepository(kPassword);
  ws().Write("photos/a.jpg", "aaa");
  ws().Set("RUNNER_CONFIG", "");
  ws().Set("RESTIC_REPOSITORY", ws().Path("repo"));
  ws().Set("RESTIC_PASSWORD", kPassword);
  ws().Set("BACKUP_SOURCE_DIR", ws().Path("photos"));
  ws().Set("RUNNER_STATE_DIR", ws().Path("state"));
  ws().Set("PUID", std::to_string(getuid()));
  ws().Set("PGID", std::to_string(getgid()));
  CommandLineWatcher watcher;
  std::string printed = ws().Runner({"plan"}).all();
  const Ran run = ws().Runner({"run"});
  printed += run.all() + ws().Runner({"healthcheck"}).all();
  EXPECT_EQ(run.code, 0) << run.all();
  ExpectFree(watcher.Stop(), "a command line");
  ExpectFree(printed, "what was printed");
}

TEST_P(SecretsTest, AnErrorInTheLineOfASecretDoesNotPrintIt) {
  WriteConfig(std::string("  password: '") + kPassword + "'\n  pasword: '" + kPassword + "'\n");
  const Ran validate = ws().Runner({"validate"});
  EXPECT_EQ(validate.code, 2);
  EXPECT_THAT(validate.err, ::testing::HasSubstr("did you mean"));
  ExpectFree(validate.all(), "an error");
}

RUNNER_FOR_EACH_RESTIC(SecretsTest);

}  // namespace
}  // namespace runner::testing
