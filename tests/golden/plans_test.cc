// Each folder of tests/golden/plans is a case: backup.yaml (absent: environment mode), env
// (NAME=VALUE lines), args (as typed behind `runner plan`) -> plan.txt and plan.json.
// UPDATE_GOLDEN=1 writes the expected files anew; read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "targets/base/redactor.h"
#include "targets/base/text.h"
#include "targets/config/load.h"
#include "targets/plan/plan.h"
#include "targets/plan/render.h"
#include "tests/targets/plan/schema_check.h"

namespace targets {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, std::string> ReadEnvironment(const fs::path& path) {
  std::map<std::string, std::string> variables;
  std::istringstream lines(Read(path));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

LoadOutcome Load(const fs::path& folder) {
  LoadInput input;
  input.file_name = "backup.yaml";
  if (fs::exists(folder / "backup.yaml")) input.yaml = Read(folder / "backup.yaml");
  input.environment = ReadEnvironment(folder / "env");
  return LoadConfig(input);
}

/// The options that the program has too.
PlanInput ReadArguments(const fs::path& path, const Config& config) {
  PlanInput input{.config = config};
  std::istringstream words(Read(path));
  for (std::string word; words >> word;) {
    if (word == "--at") {
      words >> word;
      input.at = ParseRfc3339(word).value();
    } else if (word == "--horizon") {
      words >> word;
      input.horizon = ParseDuration(word).value();
    } else if (word == "--offline") {
      input.offline = true;
    } else if (word == "--show-origin") {
      input.show_origin = true;
    } else {
      input.only.emplace_back(word);
    }
  }
  return input;
}

Redactor RedactorFor(const Config& config) {
  Redactor redactor;
  for (const auto* source : {&config.repository.password, &config.repository.b2.account_id,
                             &config.repository.b2.account_key}) {
    if (!source->has_value()) continue;
    if (const auto* text = std::get_if<InlineSecret>(&**source)) redactor.Add(text->value);
  }
  return redactor;
}

void CompareWith(const fs::path& expected, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << actual;
  }
  EXPECT_EQ(actual, Read(expected)) << expected << " (UPDATE_GOLDEN=1 writes it anew)";
}

fs::path Cases() { return fs::path(RUNNER_CHECKOUT) / "tests/golden/plans"; }

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(Cases())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class GoldenPlan : public testing::TestWithParam<std::string> {};

TEST_P(GoldenPlan, IsWhatPeopleReviewed) {
  const fs::path folder = Cases() / GetParam();
  const LoadOutcome loaded = Load(folder);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    EXPECT_NE(diagnostic.severity, DiagnosticSeverity::kError) << RenderDiagnostic(diagnostic);
  }
  ASSERT_TRUE(loaded.config.has_value());
  PlanInput input = ReadArguments(folder / "args", *loaded.config);
  input.diagnostics = loaded.diagnostics;
  input.effective = loaded.effective;
  const Result<Plan> plan = MakePlan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  const Redactor redactor = RedactorFor(*loaded.config);
  const std::string json = RenderJson(*plan, redactor);
  EXPECT_EQ(BreaksPlanSchema(json), "");
  CompareWith(folder / "plan.json", json);
  CompareWith(folder / "plan.txt", RenderText(*plan, redactor, RenderOptions{}));
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Plans, GoldenPlan, testing::ValuesIn(CaseNames()), TestName);

TEST(GoldenPlans, AreAtLeastTen) { EXPECT_GE(CaseNames().size(), 10U); }

}  // namespace
}  // namespace targets
