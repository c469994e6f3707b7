#include "runner/app/secrets.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::seconds;
using targets::CommandSecret;
using targets::FileSecret;
using targets::InlineSecret;
using targets::Secret;
using testing::HasWords;
using testing::Script;

class ResolveSecretsTest : public ::testing::Test {
 protected:
  ResolveSecretsTest() { config_.repository.url = "b2:bucket:path"; }

  targets::Result<ResolvedSecrets> Resolve() { return ResolveSecrets(config_, files_, processes_); }
  /// The password that a source gives, or "error: ...".
  std::string Password(targets::SecretSource source) {
    config_.repository.password = std::move(source);
    const auto secrets = Resolve();
    return secrets ? secrets->password.Expose() : "error: " + secrets.error().message;
  }
  std::string PasswordOfFile(const std::string& content) {
    files_.AddFile("/run/secrets/password", content);
    return Password(FileSecret{"/run/secrets/password"});
  }
  std::string PasswordOfCommand(Script script) {
    processes_.When(HasWords({"pass"}), std::move(script));
    return Password(CommandSecret{{"pass", "show", "x"}});
  }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
};

TEST_F(ResolveSecretsTest, TakesEachForm) {
  EXPECT_EQ(Password(InlineSecret{Secret("open sesame")}), "open sesame");
  EXPECT_EQ(PasswordOfFile("open sesame"), "open sesame");
  EXPECT_EQ(PasswordOfCommand(Script().Prints("open sesame").Exits(0)), "open sesame");
}

TEST_F(ResolveSecretsTest, TakesEachFormForTheKeysOfB2) {
  files_.AddFile("/run/secrets/key", "the-key\n");
  processes_.When(HasWords({"pass"}), Script().Prints("the-id\n").Exits(0));
  config_.repository.password = InlineSecret{Secret("open sesame")};
  config_.repository.b2.account_id = CommandSecret{{"pass"}};
  config_.repository.b2.account_key = FileSecret{"/run/secrets/key"};
  const auto secrets = Resolve();
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->b2_account_id, Secret("the-id"));
  EXPECT_EQ(secrets->b2_account_key, Secret("the-key"));
}

TEST_F(ResolveSecretsTest, IsContentWithoutSecretsThatNobodyConfigured) {
  const auto secrets = Resolve();
  ASSERT_TRUE(secrets);
  EXPECT_EQ(*secrets, ResolvedSecrets{});
}

TEST_F(ResolveSecretsTest, TrimsFilesAndCommandsAsResticDoes) {
  EXPECT_EQ(PasswordOfFile("sesame\n"), "sesame");
  EXPECT_EQ(PasswordOfFile("sesame\r\n"), "sesame");
  EXPECT_EQ(PasswordOfFile(" open sesame \n\n"), "open sesame");
  EXPECT_EQ(PasswordOfCommand(Script().Prints("\tsesame\n\n").Exits(0)), "sesame");
}

TEST_F(ResolveSecretsTest, TrimsTheKeysOfB2) {
  config_.repository.b2.account_key = InlineSecret{Secret(" the-key\t")};
  EXPECT_EQ(Resolve()->b2_account_key, Secret("the-key"));
}

TEST_F(ResolveSecretsTest, NamesTheKeyAndTheFileThatIsMissing) {
  EXPECT_EQ(Password(FileSecret{"/run/secrets/password"}),
            "error: repository.password: /run/secrets/password does not exist");
}

TEST_F(ResolveSecretsTest, NamesTheFileThatCannotBeRead) {
  files_.AddFile("/run/secrets/password", "sesame");
  files_.SetUnreadable("/run/secrets/password", true);
  const std::string error = Password(FileSecret{"/run/secrets/password"});
  EXPECT_TRUE(error.starts_with("error: repository.password: ")) << error;
  EXPECT_NE(error.find("/run/secrets/password"), std::string::npos) << error;
}

TEST_F(ResolveSecretsTest, RefusesAnEmptySecret) {
  EXPECT_EQ(PasswordOfFile(""), "error: repository.password: the secret is empty");
  EXPECT_EQ(PasswordOfFile("\n"), "error: repository.password: the secret is empty");
  EXPECT_EQ(PasswordOfCommand(Script().Exits(0)),
            "error: repository.password: the secret is empty");
}

TEST_F(ResolveSecretsTest, RefusesAKeyOfB2ThatIsNothingButSpaces) {
  config_.repository.b2.account_key = InlineSecret{Secret(" \t")};
  EXPECT_FALSE(Resolve());
}

TEST_F(ResolveSecretsTest, RefusesANulByte) {
  EXPECT_EQ(PasswordOfFile(std::string("ses\0ame", 7)),
            "error: repository.password: the secret holds a NUL byte and cannot be passed on");
}

TEST_F(ResolveSecretsTest, RefusesAFileThatIsFarTooLarge) {
  EXPECT_EQ(PasswordOfFile(std::string(64 * 1024, 'x')).size(), 64U * 1024);
  EXPECT_TRUE(PasswordOfFile(std::string(64 * 1024 + 1, 'x')).starts_with("error: "));
}

TEST_F(ResolveSecretsTest, TakesNoCutOffOutputOfACommandForASecret) {
  const std::string result =
      PasswordOfCommand(Script().Prints(std::string(64 * 1024 + 1, 'x')).Exits(0));
  EXPECT_TRUE(result.starts_with("error: ")) << result.size();
}

TEST_F(ResolveSecretsTest, SaysHowACommandFailedButNotWhatItPrinted) {
  EXPECT_EQ(PasswordOfCommand(Script().Prints("half a secret").Exits(3)),
            "error: repository.password: the command pass gave no secret: exit code 3");
  EXPECT_EQ(PasswordOfCommand(Script().Dies(9)),
            "error: repository.password: the command pass gave no secret: it was killed by a "
            "signal");
  EXPECT_EQ(PasswordOfCommand(Script::Missing("pass: not found in PATH")),
            "error: repository.password: the command pass gave no secret: pass: not found in PATH");
}

TEST_F(ResolveSecretsTest, WaitsAMinuteForACommand) {
  EXPECT_EQ(PasswordOfCommand(Script().Prints("sesame").Exits(0, seconds(59))), "sesame");
  EXPECT_EQ(PasswordOfCommand(Script().Prints("sesame").Exits(0, seconds(61))),
            "error: repository.password: the command pass gave no secret: it did not end within 60 "
            "seconds");
}

std::string RedactedBy(const targets::Redactor& redactor, const std::string& text) {
  return redactor.Redact(text);
}

TEST(AddSecrets, HidesWhatIsKnownWithoutAskingAnybody) {
  targets::Config config;
  config.repository.password = InlineSecret{Secret("open sesame")};
  config.repository.b2.account_key = InlineSecret{Secret("the-key")};
  config.repository.environment = {{"AWS_SECRET_ACCESS_KEY", "aws-value"},
                                   {"RCLONE_CONFIG_X_PASS", "rclone-value"},
                                   {"GITHUB_TOKEN", "token-value"},
                                   {"RCLONE_CONFIG", "/etc/rclone.conf"}};
  targets::Redactor redactor;
  AddInlineSecrets(config, redactor);
  EXPECT_EQ(RedactedBy(redactor, "open sesame the-key aws-value rclone-value token-value"),
            "*** *** *** *** ***");
  EXPECT_EQ(RedactedBy(redactor, "/etc/rclone.conf"), "/etc/rclone.conf");
}

TEST(AddSecrets, HidesSecretVariablesOfTargets) {
  targets::Config config;
  config.targets.emplace_back().environment = {{"PGPASSWORD", "pg-value"}, {"PGHOST", "db-host"}};
  targets::Redactor redactor;
  AddInlineSecrets(config, redactor);
  EXPECT_EQ(RedactedBy(redactor, "pg-value at db-host"), "*** at db-host");
}

TEST(AddSecrets, HidesWhatWasResolved) {
  targets::Redactor redactor;
  AddSecrets({}, {Secret("open sesame"), Secret("the-id"), Secret("the-key")}, redactor);
  EXPECT_EQ(RedactedBy(redactor, "open sesame the-key"), "*** ***");
}

TEST_F(ResolveSecretsTest, ALookTellsOfEachByItselfAndShowsNone) {
  files_.AddFile("/run/secrets/password", "open sesame");
  processes_.When(HasWords({"pass"}), Script().Prints("the-id\n").Exits(1));
  config_.repository.password = FileSecret{"/run/secrets/password"};
  config_.repository.b2.account_id = CommandSecret{{"pass", "show"}};
  config_.repository.b2.account_key = FileSecret{"/run/secrets/gone"};
  const SecretsLook seen = LookAtSecrets(config_, files_, processes_);
  const std::vector<SecretLook>& looks = seen.looks;
  ASSERT_EQ(looks.size(), 3U);
  EXPECT_EQ(looks[0].where, "file /run/secrets/password");
  EXPECT_TRUE(looks[0].read_by_others);
  EXPECT_EQ(looks[0].error, "");
  EXPECT_EQ(looks[1].error,
            "repository.b2.account_id: the command pass gave no secret: exit code 1");
  EXPECT_FALSE(looks[2].read_by_others);
  EXPECT_EQ(looks[2].error, "repository.b2.account_key: /run/secrets/gone does not exist");
}

TEST_F(ResolveSecretsTest, ALookAtWhatStandsInTheConfigurationShowsNothing) {
  config_.repository.password = InlineSecret{Secret("open sesame")};
  const SecretsLook seen = LookAtSecrets(config_, files_, processes_);
  const std::vector<SecretLook>& looks = seen.looks;
  ASSERT_EQ(looks.size(), 1U);
  EXPECT_EQ(looks[0].where, "in the configuration or the environment");
}

}  // namespace
}  // namespace runner
