#include "tests/integration/backend_test.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <random>

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::array kIds = {"photos", "notes", "database"};

/// Nothing that one kind of storage needs and another does not stands here: credentials come from
/// the environment.
std::string Configuration(const Workspace& ws, const std::string& url) {
  return fmt::format(R"(version: 1
instance: test
timezone: UTC
state_dir: {0}/state
repository:
  url: {1}
  password: correct horse
maintenance:
  prune: {{schedule: manual, max_unused: 0%}}
  check: {{schedule: manual, read_data: 1/1}}
max_parallel: 2
defaults:
  schedule: manual
  retention: {{last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}}
targets:
  photos: {{source: {0}/photos, restore_if_empty: true, drill: {{schedule: manual, files: 0}}}}
  notes: {{source: {0}/notes, restore_if_empty: true}}
  database: {{command: [cat, {0}/dump], filename: dump.sql}}
)",
                     ws.dir(), url);
}

/// Bytes that neither compress nor repeat.
std::string Noise(unsigned seed, std::size_t size) {
  std::mt19937 random(seed);
  std::string noise(size, '\0');
  std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
  return noise;
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

void BackendTest::SetUp() {
  const std::string restic = ResticProgram(std::get<1>(GetParam()));
  if (restic.empty())
    GTEST_SKIP() << "no newest restic here: RESTIC_BIN_NEW is not set (tools/newest-restic.sh)";
  workspace_ = std::make_unique<Workspace>(restic);
  auto backend = StartBackend(std::get<0>(GetParam()), ws());
  if (!backend) GTEST_SKIP() << backend.error().message;
  backend_ = *std::move(backend);
  WriteSources();
  ws().Write("backup.yaml", Configuration(ws(), backend_.url));
}

std::string BackendTest::Do(const std::vector<std::string>& arguments) {
  const Ran ran = ws().Runner(arguments);
  EXPECT_EQ(ran.code, 0) << ::testing::PrintToString(arguments) << "\n" << ran.all();
  return ran.all();
}

Ran BackendTest::Restic(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"env",
                                   "RESTIC_PASSWORD=correct horse",
                                   ResticProgram(std::get<1>(GetParam())),
                                   "--repo",
                                   backend_.url,
                                   "--cache-dir",
                                   ws().Path("test-cache")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return ws().Run(argv);
}

std::string BackendTest::Ask(const std::vector<std::string>& arguments) {
  const Ran ran = Restic(arguments);
  EXPECT_EQ(ran.code, 0) << ::testing::PrintToString(arguments) << "\n" << ran.all();
  return ran.out;
}

void BackendTest::ExpectSound(int snapshots_of_each) {
  const std::string listed = Ask({"snapshots", "--json", "--no-lock", "--host", "test"});
  for (const char* id : kIds)
    EXPECT_EQ(Count(listed, fmt::format("\"target:{}\"", id)), snapshots_of_each) << id;
  EXPECT_THAT(Ask({"check", "--read-data"}), HasSubstr("no errors were found"));
}

std::string BackendTest::Status(const std::string& target, const std::string& stage) {
  const std::string folder = target.empty() ? "repository/" : "targets/" + target + "/";
  const std::string text = ws().Read("state/" + folder + stage + "_status");
  return text.substr(0, text.find('\n'));
}

void BackendTest::ExpectHealthy() {
  EXPECT_THAT(Do({"healthcheck"}), HasSubstr(" - HEALTHY: 3 targets"));
}

void BackendTest::WriteSources() {
  ws().Write("photos/album/a [1].jpg", Noise(1, 700'000), 0640);
  ws().Write("photos/album/b*.jpg", Noise(2, 70'000), 0600);
  ws().Write("photos/ä ?+%.txt", "an odd name");
  ws().Write("photos/empty", "");
  fs::create_symlink("album", ws().Path("photos/link"));
  ws().Write("notes/n.txt", "first");
  ws().Write("dump", "CREATE TABLE t;\n");
}

std::string BackendTest::Everything() {
  return ws()
      .Run({"sh", "-c",
            "find photos notes \\( -type d -printf '%y %m %T@ %p\\0' -o -printf "
            "'%y %m %s %T@ %p %l\\0' \\) | LC_ALL=C sort -z; "
            "find photos notes -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum"})
      .out;
}

void BackendTest::LoseEverything() {
  for (const char* source : {"photos", "notes"}) {
    for (const auto& entry : fs::directory_iterator(ws().Path(source))) fs::remove_all(entry);
  }
  fs::remove_all(ws().Path("state"));
}

std::string BackendName(
    const ::testing::TestParamInfo<std::tuple<const char*, const char*>>& info) {
  return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
}

}  // namespace runner::testing
