#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <sstream>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;

class LoggingTest : public ProgramTest {
 protected:
  void Configure(const std::string& logging, const std::string& more = "") {
    if (!ws().Exists("repo")) MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml", ws().ConfigHead("  machine_key: off\n") + "logging: " + logging +
                                  "\ntargets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n" + more);
  }
  /// The messages of JSON lines; fails the test at a line that is none.
  static std::vector<std::string> Messages(const std::string& text) {
    std::vector<std::string> messages;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      rapidjson::Document document;
      document.Parse<rapidjson::kParseValidateEncodingFlag>(line);
      if (document.HasParseError() || !document.IsObject()) {
        ADD_FAILURE() << "no JSON: " << line;
        continue;
      }
      for (const char* member : {"time", "level", "subject", "stage", "message"})
        EXPECT_TRUE(document.HasMember(member)) << member << " in " << line;
      messages.emplace_back(document["message"].GetString());
    }
    return messages;
  }
};

TEST_P(LoggingTest, ARunLogsJsonLinesOnlyAndWritesThemIntoFilesToo) {
  Configure("{format: json, dir: " + ws().Path("logs") + "}",
            "    hooks: {after: [[sh, -c, 'exit 9']]}\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  const std::vector<std::string> messages = Messages(run.out);
  EXPECT_THAT(messages, ::testing::Contains(HasSubstr("done: snapshot ")));
  EXPECT_THAT(messages, ::testing::Contains(HasSubstr("exit code 9")));
  EXPECT_EQ(Messages(ws().Read("logs/backup.log")), messages);
}

TEST_P(LoggingTest, AFolderThatCannotBeWrittenNeverFailsAJob) {
  ws().Write("logs", "a file is in the way");
  Configure("{dir: " + ws().Path("logs") + "}");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.out, HasSubstr("logging.dir: " + ws().Path("logs") + " cannot be written"));
  EXPECT_THAT(run.out, HasSubstr("success"));
}

RUNNER_FOR_EACH_RESTIC(LoggingTest);

}  // namespace
}  // namespace runner::testing
