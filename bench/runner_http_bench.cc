// How long the status page takes to answer: 200 targets on real files, each with a source, markers
// and facts, and a year of history with three stages a day (219,000 runs). Wanted: under 20 ms,
// also for who comes first after a second.

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "runner/base/posix_file_system.h"
#include "runner/history/sqlite_history.h"
#include "runner/http/site.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"

namespace {

using targets::Stage;
using targets::TargetId;

constexpr int kTargets = 200;

/// The machine's clock, on which a second goes by between two looks if wanted.
class SkippingClock final : public runner::Clock {
 public:
  [[nodiscard]] targets::UnixTime Now() const override { return real_.Now(); }
  [[nodiscard]] runner::MonotonicTime Monotonic() const override {
    return real_.Monotonic() + skipped_;
  }
  void Skip() { skipped_ += std::chrono::seconds(2); }

 private:
  runner::SystemClock real_;
  std::chrono::milliseconds skipped_{};
};

class NoActions final : public runner::Actions {
 public:
  void RunNow(const runner::JobKey&) override {}
  void Acknowledge(const TargetId&, Verdict) override {}
};

class NoObserver final : public runner::Observer {
 public:
  void OnEvent(const runner::Event&) override {}
};

class Installation {
 public:
  Installation() : folder_(files_, root_ + "/state") {
    (void)folder_.Prepare(clock_.Now());
    auto installed = std::make_shared<runner::Installed>();
    targets::Config& config = installed->config;
    config.instance = targets::InstanceName("bench");
    config.state_dir = root_ + "/state";
    for (int i = 0; i < kTargets; ++i) Add(config, TargetId(fmt::format("target-{:03}", i)));
    lookout_.Use(installed);
    (void)history_.Append({.started = clock_.Now(), .outcome = "success"});
    Fill();
  }
  ~Installation() { std::filesystem::remove_all(root_); }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  runner::Response Get(const std::string& path) {
    runner::Request request;
    request.path = path;
    request.host = "127.0.0.1";
    return site_.Answer(request);
  }
  void Skip() { clock_.Skip(); }

 private:
  static std::string NewFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "http-bench-XXXXXX").string();
    return mkdtemp(pattern.data());
  }

  void Add(targets::Config& config, const TargetId& id) {
    const runner::MarkerStore markers(files_, redactor_, folder_);
    const runner::FactStore facts(files_, folder_);
    targets::Target target;
    target.id = id;
    const std::string source = root_ + "/data/" + id.str();
    std::filesystem::create_directories(source + "/something");
    target.source = targets::DirectorySource{source};
    target.schedule.timing = targets::CronTiming{"30 2 * * *"};
    target.schedule.timezone = "Europe/Berlin";
    for (const Stage stage : {Stage::kRestore, Stage::kBackup, Stage::kForget})
      (void)markers.WriteSuccess({id, stage}, clock_.Now());
    (void)facts.WriteTarget(id, {.first_seen = clock_.Now(), .snapshots_seen = 30});
    config.targets.push_back(std::move(target));
  }

  void Fill() {
    Poco::Data::Session session("SQLite", history_.Path());
    session << "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < "
               "218999) INSERT INTO run (target, stage, started, ended, took_ms, outcome, cause, "
               "reason, hint, snapshot, files_total, bytes_total, warnings, tail) SELECT "
               "printf('target-%03d', n % 200), CASE n / 200 % 3 WHEN 0 THEN 'restore' WHEN 1 THEN "
               "'backup' ELSE 'forget' END, ? + n / 600 * 86400 + n % 600 * 60, 0, 5123, "
               "'success', '', 'done', '', '', 5000, 5000000000 + n * 1000, '', '' FROM number",
        Poco::Data::Keywords::bind(
            Poco::Int64{targets::ToUnixSeconds(clock_.Now()) - 365LL * 86'400}),
        Poco::Data::Keywords::now;
  }

  std::string root_ = NewFolder();
  runner::PosixFileSystem files_;
  SkippingClock clock_;
  targets::Redactor redactor_;
  runner::StateFolder folder_;
  runner::SqliteHistory history_{files_, clock_, redactor_, folder_};
  runner::Lookout lookout_{{files_, clock_, history_, [this] { return redactor_; }},
                           std::make_shared<const runner::Installed>()};
  runner::Doorkeeper door_{clock_, runner::RandomText};
  NoActions actions_;
  runner::ProgressBoard board_{std::make_shared<NoObserver>()};
  runner::Site site_{
      {lookout_, door_, actions_, board_, [](const TargetId&) { return std::nullopt; }}};
};

Installation& TheInstallation() {
  static Installation installation;
  return installation;
}

/// The first reader of a second pays for the look.
void FirstOfASecond(benchmark::State& state, const char* path) {
  Installation& installation = TheInstallation();
  for (auto _ : state) {
    installation.Skip();
    benchmark::DoNotOptimize(installation.Get(path));
  }
}
void Further(benchmark::State& state, const char* path) {
  Installation& installation = TheInstallation();
  for (auto _ : state) benchmark::DoNotOptimize(installation.Get(path));
}
BENCHMARK_CAPTURE(FirstOfASecond, Overview, "/")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Further, Overview, "/")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Further, Target, "/targets/target-100")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Further, Plan, "/plan")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Further, ApiStatus, "/api/v1/status")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(FirstOfASecond, Readyz, "/readyz")->Unit(benchmark::kMillisecond);

}  // namespace
