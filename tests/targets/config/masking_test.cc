#include "targets/config/masking.h"

#include <gtest/gtest.h>

#include "targets/base/text.h"
#include "tests/targets/config/sample.h"

namespace targets {
namespace {

std::string Masked(const std::string& text, std::size_t line) {
  return MaskedLine(Split(text, '\n'), line);
}

TEST(Masking, KnowsNamesOfSecretsAlsoMisspelt) {
  for (const char* name :
       {"password", "pasword", "passwrod", "account_key", "B2_ACCOUNT_ID", "RESTIC_PASSWORD",
        "AWS_SECRET_ACCESS_KEY", "github_token", "key", "MY_KEY"}) {
    EXPECT_TRUE(LooksSecret(name)) << name;
  }
  for (const char* name :
       {"password_file", "account_key_command", "source", "schedule", "keep_tags", "url", ""}) {
    EXPECT_FALSE(LooksSecret(name)) << name;
  }
}

TEST(Masking, HidesTheValueBehindASecretKey) {
  EXPECT_EQ(Masked("  password: hunter2", 0), "  password: ***");
  EXPECT_EQ(Masked("  \"password\" : hunter2", 0), "  \"password\" : ***");
  EXPECT_EQ(Masked("r: {url: x, password: hunter2, id: y}", 0), "r: {url: x, password: ***");
  EXPECT_EQ(Masked("  password_file: /run/x", 0), "  password_file: /run/x");
  EXPECT_EQ(Masked("  source: /data", 0), "  source: /data");
}

TEST(Masking, HidesTheLinesBelowASecretKey) {
  EXPECT_EQ(Masked("password:\n  hunter2", 1), "  ***");
  EXPECT_EQ(Masked("password: |\n\n    hunter2\n    more", 3), "    ***");
  EXPECT_EQ(Masked("password: x\nsource: y", 1), "source: y");
}

TEST(Masking, HidesEnvironmentSections) {
  EXPECT_EQ(Masked("environment:\n  PGHOST: db", 1), "  PGHOST: ***");
  EXPECT_EQ(Masked("x: {environment: {PGHOST: db}}", 0), "x: {environment: ***");
}

TEST(Masking, HidesPasswordsOfUrls) {
  EXPECT_EQ(Masked("url: rest:https://u:hunter2@host/", 0), "url: rest:https://u:***@host/");
}

TEST(Masking, TakesTheShellsFoldersForNoSecrets) {
  const std::string text = "version: 1\nsauce: /home/me/data with sesame\n";
  const std::string messages =
      Messages(Load(text, {{"PWD", "/home/me"}, {"OLDPWD", "/home"}, {"MY_PASSWORD", "sesame"}}));
  EXPECT_NE(messages.find("/home/me/data with ***"), std::string::npos) << messages;
}

}  // namespace
}  // namespace targets
