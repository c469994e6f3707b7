#include "tests/targets/config/sample.h"

namespace targets {
namespace {

Config Sample() {
  return Good(kHead +
              "targets:\n  photos: {source: /data/photos, restore_if_empty: true}\n"
              "  music: {source: /data/music}\n  db: {command: [x], filename: y}\n");
}

TEST(LintWithFacts, WantsSourcesAndSecretFiles) {
  EXPECT_EQ(PathsToInspect(Sample()),
            (std::vector<std::string>{"/data/music", "/data/photos", "/run/secret"}));
}

TEST(LintWithFacts, SaysNothingWithoutFacts) { EXPECT_TRUE(LintWithFacts(Sample(), {}).empty()); }

TEST(LintWithFacts, WarnsOfARestoreRuleOnAReadOnlySource) {
  const PathFacts read_only{.exists = true, .read_only = true};
  const auto found =
      LintWithFacts(Sample(), {{"/data/photos", read_only}, {"/data/music", read_only}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(
      RenderDiagnostic(found[0]),
      "backup.yaml:5:52: warning: targets.photos.restore_if_empty.enabled: the source /data/photos "
      "is "
      "read-only, so it cannot be restored; mount it writable, or write restore_if_empty: false\n");
}

TEST(LintWithFacts, WarnsOfASecretFileThatOthersCanReadOrThatIsMissing) {
  const auto open =
      LintWithFacts(Sample(), {{"/run/secret", {.exists = true, .readable_by_others = true}}});
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].message, "other users can read the secret file /run/secret");
  EXPECT_EQ(open[0].line, 3);
  const auto missing = LintWithFacts(Sample(), {{"/run/secret", {}}});
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].message, "the secret file /run/secret does not exist");
  EXPECT_TRUE(LintWithFacts(Sample(), {{"/run/secret", {.exists = true}}}).empty());
}

TEST(LintWithFacts, NamesTheVariableThatGaveThePath) {
  const auto outcome =
      LoadEnvironment({{"RESTIC_REPOSITORY", "/repo"}, {"RESTIC_PASSWORD_FILE", "/run/p"}});
  ASSERT_TRUE(outcome.config);
  const auto found =
      LintWithFacts(*outcome.config, {{"/run/p", {.exists = true, .readable_by_others = true}}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "env RESTIC_PASSWORD_FILE");
}

}  // namespace
}  // namespace targets
