#include <gtest/gtest.h>

#include "targets/plan/plan.h"
#include "tests/targets/plan/sample.h"

namespace targets {
namespace {

TEST(Plan, WarnsOfNativeB2WithAnOldRestic) {
  Config config = SampleConfig({Folder("photos")});
  PlanInput input = InputFor(config);
  input.version = ResticVersion{0, 14, 0};
  const auto warnings = [&] {
    std::string texts;
    const Plan plan = MakePlan(input).value();
    for (const PlanWarning& warning : plan.warnings) texts += warning.text + "\n";
    return texts;
  };
  config.repository.url = "b2:bucket:/path/to";
  EXPECT_NE(warnings().find("write s3:https://s3.<region>.backblazeb2.com/bucket/path/to with"),
            std::string::npos)
      << warnings();
  config.repository.url = "b2:bucket";
  EXPECT_NE(warnings().find("backblazeb2.com/bucket with"), std::string::npos) << warnings();
  input.version = ResticVersion{0, 15, 0};
  EXPECT_EQ(warnings(), "");
  input.version = std::nullopt;
  EXPECT_EQ(warnings(), "") << "what is not known is no reason to warn";
  input.version = ResticVersion{0, 14, 0};
  config.repository.url = "s3:https://s3.eu-central-003.backblazeb2.com/bucket";
  EXPECT_EQ(warnings(), "");
}

}  // namespace
}  // namespace targets
