// Every folder below tests/golden/errors and tests/golden/valid is one case: backup.yaml (absent:
// environment mode), env (NAME=value lines, absent: an empty environment) and the expected text.
// UPDATE_GOLDEN=1 writes the expected texts anew; read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "targets/base/text.h"
#include "targets/config/load.h"

namespace targets {
namespace {

namespace fs = std::filesystem;

const fs::path& GoldenFolder() {
  static const fs::path folder = fs::path(RUNNER_SOURCE_DIR) / "tests" / "golden";
  return folder;
}

std::vector<std::string> CasesIn(const char* kind) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(GoldenFolder() / kind)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

LoadInput ReadCase(const fs::path& folder) {
  LoadInput input;
  input.file_name = "backup.yaml";
  if (fs::exists(folder / "backup.yaml")) input.yaml = ReadFile(folder / "backup.yaml");
  const std::string environment = ReadFile(folder / "env");
  for (const std::string_view line : Split(environment, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    input.environment[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
  }
  return input;
}

std::string Rendered(const LoadOutcome& outcome) {
  std::string out;
  for (const Diagnostic& diagnostic : outcome.diagnostics) out += RenderDiagnostic(diagnostic);
  return out;
}

std::string RenderedValues(const LoadOutcome& outcome) {
  std::string out;
  for (const EffectiveValue& value : outcome.effective) {
    out += value.pointer + " = " + value.text + "  # " + value.origin + "\n";
  }
  return out;
}

void ExpectText(const fs::path& path, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(ReadFile(path), actual)
      << "expected text: " << path << "; UPDATE_GOLDEN=1 writes it anew";
}

class BadConfiguration : public ::testing::TestWithParam<std::string> {};

TEST_P(BadConfiguration, IsRefusedWithTheseWords) {
  const fs::path folder = GoldenFolder() / "errors" / GetParam();
  const LoadOutcome outcome = LoadConfig(ReadCase(folder));
  EXPECT_TRUE(outcome.HasErrors());
  EXPECT_TRUE(outcome.effective.empty());
  ExpectText(folder / "errors.txt", Rendered(outcome));
}

TEST_P(BadConfiguration, NeverShowsASecret) {
  const LoadOutcome outcome = LoadConfig(ReadCase(GoldenFolder() / "errors" / GetParam()));
  EXPECT_EQ(Rendered(outcome).find("hunter2"), std::string::npos);  // the secret of every case
}

class GoodConfiguration : public ::testing::TestWithParam<std::string> {};

TEST_P(GoodConfiguration, HasTheseEffectiveValuesAndOrigins) {
  const fs::path folder = GoldenFolder() / "valid" / GetParam();
  const LoadOutcome outcome = LoadConfig(ReadCase(folder));
  EXPECT_FALSE(outcome.HasErrors());
  ExpectText(folder / "effective.txt", Rendered(outcome) + RenderedValues(outcome));
}

TEST_P(GoodConfiguration, NeverShowsASecret) {
  const LoadOutcome outcome = LoadConfig(ReadCase(GoldenFolder() / "valid" / GetParam()));
  EXPECT_EQ((Rendered(outcome) + RenderedValues(outcome)).find("hunter2"), std::string::npos);
}

std::string CaseName(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, BadConfiguration, ::testing::ValuesIn(CasesIn("errors")),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Golden, GoodConfiguration, ::testing::ValuesIn(CasesIn("valid")),
                         CaseName);

TEST(GoldenSuite, HasAtLeastFiftyBadConfigurations) { EXPECT_GE(CasesIn("errors").size(), 50U); }

}  // namespace
}  // namespace targets
