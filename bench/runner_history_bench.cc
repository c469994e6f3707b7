// What the status page and the metrics ask of the history: of a year of 200 targets with three
// stages a day, that is 219,000 runs. Wanted: an answer in under 20 ms.

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "runner/base/clock.h"
#include "runner/base/posix_file_system.h"
#include "runner/history/sqlite_history.h"

namespace {

constexpr long long kBegin = 1'800'000'000;

class YearOfRuns {
 public:
  YearOfRuns() : history_(files_, clock_, redactor_, runner::StateFolder(files_, root_)) {
    (void)history_.Append({.started = targets::FromUnixSeconds(kBegin), .outcome = "success"});
    Fill();
  }
  ~YearOfRuns() { std::filesystem::remove_all(root_); }
  YearOfRuns(const YearOfRuns&) = delete;
  YearOfRuns& operator=(const YearOfRuns&) = delete;

  runner::SqliteHistory& history() { return history_; }

 private:
  static std::string NewFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "history-bench-XXXXXX").string();
    return mkdtemp(pattern.data());
  }

  /// As many appends would take minutes, one fsync each.
  void Fill() {
    Poco::Data::Session session("SQLite", history_.Path());
    session << "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < "
               "218999) INSERT INTO run (target, stage, started, ended, took_ms, outcome, cause, "
               "reason, hint, snapshot, files_total, bytes_total, warnings, tail) SELECT "
               "printf('target-%03d', n % 200), CASE n / 200 % 3 WHEN 0 THEN 'restore' WHEN 1 THEN "
               "'backup' ELSE 'forget' END, ? + n / 600 * 86400 + n % 600 * 60, 0, 5123, "
               "'success', '', 'done', '', CASE n / 200 % 3 WHEN 1 THEN hex(zeroblob(32)) ELSE '' "
               "END, 5000, 5000000000, '', 'restic backup: exit code 0' FROM number",
        Poco::Data::Keywords::bind(Poco::Int64{kBegin}), Poco::Data::Keywords::now;
  }

  std::string root_ = NewFolder();
  runner::PosixFileSystem files_;
  runner::SystemClock clock_;
  targets::Redactor redactor_;
  runner::SqliteHistory history_;
};

runner::SqliteHistory& History() {
  static YearOfRuns year;
  return year.history();
}

void NewestOfEachStage(benchmark::State& state) {
  runner::SqliteHistory& history = History();
  for (auto _ : state) benchmark::DoNotOptimize(history.Newest(runner::NewestOf::kAll));
}
BENCHMARK(NewestOfEachStage)->Unit(benchmark::kMillisecond);

void NewestWithSnapshot(benchmark::State& state) {
  runner::SqliteHistory& history = History();
  for (auto _ : state) benchmark::DoNotOptimize(history.Newest(runner::NewestOf::kWithSnapshot));
}
BENCHMARK(NewestWithSnapshot)->Unit(benchmark::kMillisecond);

void RunsOfATarget(benchmark::State& state) {
  runner::SqliteHistory& history = History();
  const runner::HistoryQuery query{.target = targets::TargetId("target-100")};
  for (auto _ : state) benchmark::DoNotOptimize(history.Select(query));
}
BENCHMARK(RunsOfATarget)->Unit(benchmark::kMillisecond);

void RunsOfAll(benchmark::State& state) {
  runner::SqliteHistory& history = History();
  for (auto _ : state) benchmark::DoNotOptimize(history.Select({}));
}
BENCHMARK(RunsOfAll)->Unit(benchmark::kMillisecond);

}  // namespace
