// b2-test-server, the program for people.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

/// What follows the name in a line of output.
std::string ValueOf(const std::string& output, const std::string& name) {
  const std::size_t at = output.find(name);
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size();
  return output.substr(from, output.find('\n', from) - from);
}

TEST(B2TestServerProgram, SaysHowToUseItLogsRequestsAndEndsWithTotals) {
  Workspace ws;
  const std::unique_ptr<Background> server =
      ws.Start({B2_TEST_SERVER, "--folder", ws.Path("ca"), "--bucket", "my-bucket"});
  ASSERT_TRUE(Eventually([&] {
    return server->OutputSoFar().find("b2:my-bucket:PATH") != std::string::npos;
  })) << server->OutputSoFar();
  const std::string usage = server->OutputSoFar();
  for (const char* name : {"HTTPS_PROXY", "SSL_CERT_FILE", "B2_ACCOUNT_ID", "B2_ACCOUNT_KEY"}) {
    const std::string value = ValueOf(usage, std::string("export ") + name + "=");
    EXPECT_NE(value, "") << name;
    ws.Set(name, value);
  }
  ws.Set("RESTIC_PASSWORD", "x");
  const Ran init = ws.Run({"restic", "-r", "b2:my-bucket:r", "init"});
  EXPECT_EQ(init.code, 0) << init.all();
  server->Signal(SIGINT);
  const Ran ran = server->Wait();
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("\nA  200  b2_upload_file            r/config\n"));
  EXPECT_THAT(ran.out, ContainsRegex("class A \\(free\\): [1-9][0-9]*, class B: [1-9]"));
}

TEST(B2TestServerProgram, RefusesAWrongPort) {
  const Workspace ws;
  EXPECT_NE(ws.Run({B2_TEST_SERVER, "--port", "70000"}).code, 0);
}

}  // namespace
}  // namespace runner::testing
