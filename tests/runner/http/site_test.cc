#include "runner/http/site.h"

#include <gmock/gmock.h>

#include "tests/runner/http/site_world.h"

namespace runner::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST_F(SiteWorld, TheOverviewSaysTheVerdictInOneSentence) {
  const Response page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("</span> Healthy</h1>"));
  EXPECT_THAT(page.body, HasSubstr("data-target=\"photos\""));
  Mark(kBackup, MarkerStatus::kFailed, kHour, "wrong password");
  clock_.Advance(Lookout::kFresh);
  EXPECT_THAT(Body("/"), HasSubstr("</span> Unhealthy</h1>"));
  EXPECT_THAT(Body("/"), HasSubstr("wrong password"));
}

TEST_F(SiteWorld, LooksOnceASecondWhoeverAsks) {
  EXPECT_THAT(Body("/"), HasSubstr("</span> Healthy</h1>"));
  Mark(kBackup, MarkerStatus::kFailed, kHour, "wrong password");
  clock_.Advance(Lookout::kFresh - std::chrono::milliseconds(1));
  EXPECT_THAT(Body("/"), HasSubstr("</span> Healthy</h1>"));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_THAT(Body("/"), HasSubstr("</span> Unhealthy</h1>"));
}

TEST_F(SiteWorld, ReadersShareWhatWasMadeForOneOfThemAndNoFormOfAnother) {
  const std::string read = Body("/");
  World::Run(kBackup, kHour);
  board_.OnProgress({.target = "photos", .stage = "backup", .fraction = 0.43});
  EXPECT_EQ(Body("/"), read);
  EXPECT_NE(Body("/plan"), read);
  SignIn();
  const std::string mine = Body("/");
  EXPECT_THAT(mine, HasSubstr(key));
  session.clear();
  EXPECT_THAT(Body("/"), Not(HasSubstr(key)));
  SignIn();
  EXPECT_THAT(Body("/"), HasSubstr(key)) << "his own";
  session.clear();
  clock_.Advance(Lookout::kFresh);
  EXPECT_NE(Body("/"), read);
}

TEST_F(SiteWorld, AForeignTextStaysText) {
  const std::string evil = "<script>alert('x')</script>\"&";
  Mark(kBackup, MarkerStatus::kFailed, kHour, evil);
  const std::int64_t run = Record("photos", "failed", evil);
  for (const std::string& path :
       {std::string("/"), std::string("/targets/photos"), "/runs/" + std::to_string(run)}) {
    EXPECT_THAT(Body(path), Not(HasSubstr("<script>alert"))) << path;
    EXPECT_THAT(Body(path), HasSubstr("&lt;script&gt;alert(&#39;x")) << path;
  }
  EXPECT_THAT(Body("/targets/%3Cscript%3E"), Not(HasSubstr("<script>")));
}

TEST_F(SiteWorld, NoSecretIsOnAnyPage) {
  redactor_.Add(targets::Secret("swordfish"));
  Mark(kBackup, MarkerStatus::kFailed, kHour, "no swordfish");
  Record("photos", "failed", "no swordfish");
  for (const char* path : {"/", "/targets/photos", "/runs/1", "/plan", "/readyz", "/metrics",
                           "/api/v1/status", "/api/v1/health", "/api/v1/history", "/api/v1/plan"}) {
    EXPECT_THAT(Body(path), Not(HasSubstr("swordfish"))) << path;
    EXPECT_THAT(Body(path), Not(HasSubstr("hunter2"))) << path;
  }
  EXPECT_THAT(site_.Event(), Not(HasSubstr("swordfish")));
}

TEST_F(SiteWorld, TheMetricsAreWhatPrometheusReads) {
  Record("photos", "success");
  const Response metrics = Get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, HasSubstr("\nrunner_healthy 1\n"));
  EXPECT_THAT(metrics.body,
              HasSubstr("\nrunner_last_run_success{target=\"photos\",stage=\"backup\"} 1\n"));
  history_.FailWith("history.sqlite: is a folder");
  EXPECT_THAT(Body("/metrics"), HasSubstr("\nrunner_healthy 1\n"));
}

TEST_F(SiteWorld, EveryResponseForbidsWhatThePagesDoNotNeed) {
  for (const char* path : {"/", "/style.css", "/nothing", "/api/v1/status", "/healthz"}) {
    const auto headers = Get(path).headers;
    EXPECT_THAT(headers, Contains(Pair("Content-Security-Policy", HasSubstr("default-src 'none'"))))
        << path;
    EXPECT_THAT(headers,
                Contains(Pair("Content-Security-Policy", HasSubstr("frame-ancestors 'none'"))));
    EXPECT_THAT(headers, Contains(Pair("X-Content-Type-Options", "nosniff"))) << path;
    EXPECT_THAT(headers, Contains(Pair("Cache-Control", "no-store"))) << path;
  }
}

TEST_F(SiteWorld, RefusesANameThatIsNotOurs) {
  Request request = To("/");
  request.host = "evil.example";
  EXPECT_EQ(site_.Answer(request).status, 421);
  config_.server.hosts = {"evil.example"};
  Install();
  EXPECT_EQ(site_.Answer(request).status, 200);
}

TEST_F(SiteWorld, ATargetsPageHasItsRunsSnapshotsAndSettings) {
  Record("photos", "incomplete", "2 files could not be read");
  snapshots_ = SnapshotList{
      kNow, {{targets::SnapshotId("0123456789abcdef"), {kNow, "", "Fri 02:00"}, true, {"daily"}}}};
  const std::string page = Body("/targets/photos");
  EXPECT_THAT(page, HasSubstr("2 files could not be read"));
  EXPECT_THAT(page, HasSubstr("<code>01234567</code>"));
  EXPECT_THAT(page, HasSubstr("stays"));
  EXPECT_THAT(page, HasSubstr("/data/photos"));
  EXPECT_THAT(page, HasSubstr("backup.yaml:4:5"));
  EXPECT_THAT(page, Not(HasSubstr("/other"))) << "of photos2";
  EXPECT_EQ(Get("/targets/nothing").status, 404);
  snapshots_.reset();
  EXPECT_THAT(Body("/targets/photos"), HasSubstr("not listed since the daemon started"));
}

TEST_F(SiteWorld, ARunHasAPage) {
  const std::int64_t run = Record("photos", "failed", "the disk is full");
  EXPECT_THAT(Body("/runs/" + std::to_string(run)), HasSubstr("the disk is full"));
  for (const char* path : {"/runs/99", "/runs/", "/runs/x", "/runs/1x"})
    EXPECT_EQ(Get(path).status, 404) << path;
}

TEST_F(SiteWorld, ThePlanShowsAWeek) {
  const std::string page = Body("/plan");
  EXPECT_THAT(page, HasSubstr("<a href=\"/targets/photos\">photos</a>"));
  EXPECT_THAT(page, HasSubstr("aria-label=\"6 runs\"")) << "at 02:00 of the six days to come";
}

TEST_F(SiteWorld, TellsProbesWhetherItLivesAndWhetherAllIsWell) {
  EXPECT_EQ(Get("/healthz").status, 503);
  StartDaemon(kNow + kHour);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  Mark(kBackup, MarkerStatus::kFailed, kHour, "wrong password");
  clock_.Advance(Lookout::kFresh);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_THAT(Body("/readyz"), HasSubstr("UNHEALTHY: photos: Backup failed"));
}

TEST_F(SiteWorld, TellsWhatRunsAndHowFarItIs) {
  EXPECT_THAT(Body("/"), HasSubstr("Nothing runs."));
  World::Run(kBackup, kHour);
  Progress progress{.target = "photos", .stage = "backup", .fraction = 0.43};
  progress.bytes_done = 1 << 20;
  progress.bytes_total = 4 << 20;
  progress.seconds_remaining = 120;
  board_.OnProgress(progress);
  clock_.Advance(Lookout::kFresh);
  const std::string page = Body("/");
  EXPECT_THAT(page, HasSubstr("43 %, 1.0 MiB of 4.0 MiB, about 2m left"));
  EXPECT_THAT(site_.Event(), HasSubstr("43 %"));
  EXPECT_THAT(site_.Event(), ::testing::StartsWith("event: look\ndata: {\"version\":\""));
  board_.OnProgressEnd("photos", "backup");
  clock_.Advance(Lookout::kFresh);
  EXPECT_THAT(Body("/"), Not(HasSubstr("43 %")));
}

TEST_F(SiteWorld, TheVersionOfAnEventChangesWithTheOverviewAlone) {
  const auto version = [&] { return site_.Event().substr(0, 60); };
  const std::string before = version();
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(version(), before);
  Mark(kBackup, MarkerStatus::kFailed, kHour, "wrong password");
  clock_.Advance(Lookout::kFresh);
  EXPECT_NE(version(), before);
}

TEST_F(SiteWorld, StreamsAreForReadersOfEvents) {
  EXPECT_TRUE(Get("/events").stream);
  EXPECT_EQ(Get("/events").type, "text/event-stream");
}

TEST_F(SiteWorld, ABrokenHistoryHidesNothingElse) {
  history_.FailWith("the history is damaged");
  const std::string page = Body("/");
  EXPECT_THAT(page, HasSubstr("</span> Healthy</h1>"));
  EXPECT_THAT(page, HasSubstr("the history is damaged"));
  EXPECT_EQ(Get("/targets/photos").status, 200);
}

TEST_F(SiteWorld, ANewHistoryIsReadFromItsBeginning) {
  for (int i = 0; i < 3; ++i) Record("photos", "failed");
  EXPECT_THAT(Body("/"), HasSubstr("1 failed"));
  Lookout lookout({files_, clock_, history_, [this] { return redactor_; }}, lookout_.InForce());
  EXPECT_TRUE(lookout.Now());
  EXPECT_EQ(history_.Trim(kNow + kHour).value(), 3U);
  clock_.Advance(Lookout::kFresh);
  EXPECT_EQ(lookout.Now().value()->strips.at(kPhotos).back().bad, 0)
      << "what nobody knows any more is not shown";
}

}  // namespace
}  // namespace runner::testing
