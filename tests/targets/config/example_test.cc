#include <fstream>
#include <sstream>

#include "tests/targets/config/sample.h"

namespace targets {
namespace {

std::string ExampleText() {
  std::ifstream stream(std::string(RUNNER_SOURCE_DIR) + "/backup.yaml.example");
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

const std::map<std::string, std::string> kExampleEnvironment = {{"B2_ACCOUNT_ID", "0012345"},
                                                                {"PGPASSWORD", "secret"}};

TEST(Example, LoadsWithoutAnyDiagnostic) {
  const LoadOutcome outcome = Load(ExampleText(), kExampleEnvironment);
  EXPECT_EQ(Messages(outcome), "");
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->targets.size(), 3U);
}

TEST(Example, DecodesWhatItSays) {
  const Config config = Good(ExampleText(), kExampleEnvironment);
  EXPECT_EQ(config.repository.limits.upload, Bytes{5} << 20U);
  EXPECT_EQ(config.maintenance.check->read_data_parts, 30);
  EXPECT_EQ(config.maintenance.prune->max_repack_size, Bytes{10} << 30U);
  EXPECT_EQ(config.run_as, (RunAs{1000, 1000}));
  std::vector<std::size_t> kinds;  // of the channels, by name
  for (const NotifyChannel& channel : config.notify) kinds.push_back(channel.way.index());
  EXPECT_EQ(kinds, (std::vector<std::size_t>{0, 2, 4, 5, 1, 3})) << "each kind";
  const Target& photos = *FindTarget(config, TargetId("photos"));
  EXPECT_EQ(photos.schedule, (Schedule{CronTiming{"30 2 * * *"}, "Europe/Paris", Duration{600},
                                       CatchUp::kOnce, true}));
  EXPECT_EQ(photos.retention.yearly, Retention::kUnlimited);
  EXPECT_EQ(photos.guard.max_shrink, 0.5);
  EXPECT_EQ(photos.drill->files, 20);
  EXPECT_EQ(photos.restore.max_age, std::chrono::days{90});
  const Target& database = *FindTarget(config, TargetId("database"));
  EXPECT_TRUE(database.IsStream());
  EXPECT_EQ(database.schedule.timing, Timing{IntervalTiming{std::chrono::hours{6}}});
  EXPECT_EQ(database.environment.at("PGPASSWORD"), "secret");
  EXPECT_FALSE(FindTarget(config, TargetId("documents"))->drill);
}

}  // namespace
}  // namespace targets
