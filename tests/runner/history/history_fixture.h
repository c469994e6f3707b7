#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runner/base/posix_file_system.h"
#include "runner/history/sqlite_history.h"
#include "tests/support/fake_clock.h"

namespace runner {

inline RunRecord RunOf(const std::string& target, long long started) {
  RunRecord run;
  run.target = targets::TargetId(target);
  run.started = targets::FromUnixSeconds(started);
  run.ended = run.started + targets::Duration{5};
  run.outcome = "success";
  run.reason = "done";
  return run;
}

/// A run of which everything is known, with numbers beyond 32 bits.
inline RunRecord FullRun() {
  RunRecord run = RunOf("photos", 1'800'000'000);
  run.due = targets::FromUnixSeconds(1'799'999'990);
  run.took = std::chrono::milliseconds{5'123'456'789};
  run.outcome = "incomplete";
  run.cause = "incomplete";
  run.reason = "2 files could not be read";
  run.hint = "give the jobs permission";
  run.snapshot = targets::SnapshotId(std::string(64, 'a'));
  run.figures = {.files_new = 1,
                 .files_changed = 2,
                 .files_unmodified = 3,
                 .files_total = 6,
                 .bytes_total = 5'000'000'000'000,
                 .bytes_added = 6'000'000'000,
                 .cpu = std::chrono::milliseconds{1234},
                 .peak_memory = 8'000'000'000,
                 .processes = 4};
  run.warnings = {"/a: denied", "/b: denied"};
  run.tail = {"restic backup: exit code 3", "Warning: at least one file could not be read"};
  return run;
}

/// A real folder, because SQLite opens the file itself.
class HistoryFixture : public ::testing::Test {
 protected:
  HistoryFixture() {
    std::string pattern = ::testing::TempDir() + "/history-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~HistoryFixture() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string Path() const { return folder_ + "/history.sqlite"; }
  [[nodiscard]] std::string Bytes(const std::string& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void Overwrite(const std::string& bytes) const {
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
  }
  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  /// Another connection, as of another process.
  [[nodiscard]] std::unique_ptr<SqliteHistory> OpenAnother(
      std::span<const Migration> migrations = HistoryMigrations()) {
    return std::make_unique<SqliteHistory>(files_, clock_, redactor_, StateFolder(files_, folder_),
                                           migrations);
  }
  static std::vector<std::string> TargetsOf(const targets::Result<HistoryPage>& page) {
    if (!page) return {page.error().message};
    std::vector<std::string> targets;
    for (const RunRecord& run : page->runs) targets.push_back(run.target.str());
    return targets;
  }

  std::string folder_;
  PosixFileSystem files_;
  testing::FakeClock clock_;
  targets::Redactor redactor_;
};

}  // namespace runner
