#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/integration/forged_repository.h"
#include "tests/support/browser.h"
#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kToken = "a token that is long enough";

/// A daemon that has backed up `photos` and the stream `database`, and that misses the folder of
/// `notes`; its page in a browser. With PAGE_PICTURES the pictures of the pages are kept in that
/// folder.
class PageBrowserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const targets::ForgedRepository repository(ws_.Path("repo"), "correct horse");
    ws_.Write("photos/a.jpg", "aaa");
    ws_.Write("token", kToken, 0600);
    ws_.Write("backup.yaml",
              ws_.ConfigHead() +
                  "server:\n  listen: 127.0.0.1:0\n  token_file: " + ws_.Path("token") +
                  "\ndefaults:\n  schedule: {cron: \"0 2 * * *\", on_start: true}\ntargets:\n"
                  "  photos:\n    source: " +
                  ws_.Path("photos") + "\n  notes:\n    source: " + ws_.Path("notes") +
                  "\n  database:\n    command: [echo, dump]\n    filename: dump.sql\n");
    daemon_ = ws_.StartRunner({"daemon"});
    ASSERT_TRUE(Eventually([&] {
      return StatusOf("photos") == "SUCCESS" && StatusOf("database") == "SUCCESS" &&
             StatusOf("notes") == "FAILED" && !Address().empty();
    })) << daemon_->OutputSoFar();
    site_ = Address();
  }

  std::string StatusOf(const std::string& target) const {
    const std::string marker = ws_.Read("state/targets/" + target + "/backup_status");
    return marker.substr(0, marker.find('\n'));
  }
  std::string Address() const {
    std::smatch match;
    const std::string log = daemon_->OutputSoFar();
    static const std::regex kAddress("status page is at (http://127\\.0\\.0\\.1:[0-9]+)/");
    return std::regex_search(log, match, kAddress) ? match[1].str() : "";
  }
  void Open(Browser& browser, const std::string& path) { browser.Open(site_ + path); }

  /// No page complains in the console or asks anybody else for anything.
  void ExpectQuiet(Browser& browser) const {
    EXPECT_THAT(browser.Complaints(), IsEmpty());
    EXPECT_THAT(browser.Requests(), Each(StartsWith(site_ + "/")));
  }
  static void Keep(Browser& browser, const std::string& name) {
    if (const char* folder = std::getenv("PAGE_PICTURES"))
      browser.Screenshot(std::string(folder) + "/" + name + ".png");
  }
  void SignIn(Browser& browser) {
    Open(browser, "/login");
    browser.Type("#token", kToken);
    browser.Click("form[action=\"/login\"] button");
  }

  Workspace ws_;
  std::unique_ptr<Background> daemon_;
  std::string site_;
};

TEST_F(PageBrowserTest, TheOverviewTellsTheTruthInOneSentence) {
  Browser browser(ws_);
  Open(browser, "/");
  EXPECT_THAT(browser.TextOf(".verdict.bad h1"), HasSubstr("Unhealthy"));
  EXPECT_THAT(browser.TextOf("tr[data-target=photos]"), HasSubstr("ok"));
  EXPECT_THAT(browser.TextOf("tr[data-why=notes]"), HasSubstr("does not exist"));
  EXPECT_TRUE(browser.Has("tr[data-target=photos] svg.strip"));
  EXPECT_THAT(browser.TextOf("main"), HasSubstr("Repository"));
  Keep(browser, "overview");
  ExpectQuiet(browser);
}

TEST_F(PageBrowserTest, ItReadsWithoutScripts) {
  Browser browser(ws_, Browser::Scripts::kOff);
  Open(browser, "/");
  EXPECT_THAT(browser.TextOf(".verdict.bad h1"), HasSubstr("Unhealthy"));
  EXPECT_THAT(browser.TextOf("tr[data-target=database]"), HasSubstr("ok"));
  browser.Click("tr[data-target=photos] a");
  EXPECT_THAT(browser.Url(), EndsWith("/targets/photos"));
}

TEST_F(PageBrowserTest, ATargetShowsItsRunsSnapshotsSettingsAndReasons) {
  Browser browser(ws_);
  Open(browser, "/targets/photos");
  EXPECT_THAT(browser.TextOf("h1"), HasSubstr("photos"));
  for (const char* heading : {"#runs", "#snapshots", "#settings", "#explain"})
    EXPECT_TRUE(browser.Has(heading)) << heading;
  const std::string text = browser.TextOf("main");
  EXPECT_THAT(text, HasSubstr("success"));
  EXPECT_THAT(text, HasSubstr(ws_.Path("photos")));
  EXPECT_THAT(text, HasSubstr("backup.yaml:"));  // where a setting comes from
  const auto ids = ws_.SnapshotIds("target:photos");
  ASSERT_EQ(ids.size(), 1U);
  EXPECT_THAT(text, HasSubstr(ids.front().substr(0, 8)));
  Keep(browser, "target");
  ExpectQuiet(browser);
}

TEST_F(PageBrowserTest, ThePlanShowsSevenDays) {
  Browser browser(ws_);
  Open(browser, "/plan");
  EXPECT_THAT(browser.TextOf("h1"), HasSubstr("seven days"));
  EXPECT_TRUE(browser.Has("svg.line"));
  EXPECT_THAT(browser.TextOf("main"), HasSubstr("photos"));
  Keep(browser, "plan");
  ExpectQuiet(browser);
}

TEST_F(PageBrowserTest, ItIsDarkForThoseWhoWantItDark) {
  Browser browser(ws_);
  const auto brightness = [&] {
    return browser
        .Script(
            "const c = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);"
            "return Number(c[0]) + Number(c[1]) + Number(c[2]);")
        .GetInt();
  };
  Open(browser, "/");
  EXPECT_GT(brightness(), 600);
  browser.PreferDark();
  EXPECT_LT(brightness(), 200);
  Keep(browser, "dark");
}

TEST_F(PageBrowserTest, ItFitsAPhone) {
  Browser browser(ws_);
  browser.Resize(360, 740);
  for (const char* path : {"/", "/targets/photos", "/plan"}) {
    Open(browser, path);
    const auto width = browser.Script("return document.documentElement.scrollWidth;");
    EXPECT_LE(width.GetInt(), 360) << path;
    Keep(browser, std::string("phone") + (path[1] == '\0'  ? ""
                                          : path[1] == 't' ? "-target"
                                                           : "-plan"));
  }
}

TEST_F(PageBrowserTest, WithoutATokenThereIsNothingToPress) {
  Browser browser(ws_);
  for (const char* path : {"/", "/targets/photos"}) {
    Open(browser, path);
    EXPECT_FALSE(browser.Has("form[action^=\"/actions/\"]")) << path;
  }
  Open(browser, "/login");
  browser.Type("#token", "another token of that length");
  browser.Click("form[action=\"/login\"] button");
  Open(browser, "/targets/photos");
  EXPECT_FALSE(browser.Has("form[action^=\"/actions/\"]"));
  EXPECT_EQ(ws_.SnapshotIds("target:photos").size(), 1U);
}

TEST_F(PageBrowserTest, WithATokenATargetRunsAtAClick) {
  Browser browser(ws_);
  SignIn(browser);
  Open(browser, "/targets/photos");
  Keep(browser, "may-act");
  ws_.Write("photos/b.jpg", "bbb");
  browser.Click("form[action=\"/actions/run\"] button");
  EXPECT_TRUE(Eventually([&] {
    const Ran list = ws_.Restic({"ls", "latest", "--tag", "target:photos"});
    return list.out.find("b.jpg") != std::string::npos;
  }));
  ExpectQuiet(browser);
}

TEST_F(PageBrowserTest, ItIsLiveWithoutAReload) {
  Browser browser(ws_);
  Open(browser, "/");
  ASSERT_TRUE(browser.Has(".verdict.bad"));
  ws_.Write("notes/n.txt", "nnn");
  ASSERT_EQ(ws_.Runner({"run", "notes"}).code, 0);
  EXPECT_TRUE(Eventually([&] { return browser.Has(".verdict.good, .verdict.warn"); }));
}

TEST_F(PageBrowserTest, NobodyIsShutOut) {
  const char* axe = std::getenv("AXE_JS");
  if (axe == nullptr || *axe == '\0')
    GTEST_SKIP() << "no axe-core here: AXE_JS is not set (tools/axe-core.sh)";
  std::ifstream file(axe);
  const std::string script(std::istreambuf_iterator<char>(file), {});
  ASSERT_GT(script.size(), 100'000U);
  Browser browser(ws_);
  const auto look = [&](const std::string& path) {
    Open(browser, path);
    browser.Script(script + "; return 1;");
    const auto found = browser.ScriptLater(
        "const done = arguments[0]; axe.run().then(r => done(r.violations"
        ".filter(v => v.impact === 'serious' || v.impact === 'critical')"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')).join('\\n')));");
    EXPECT_STREQ(found.IsString() ? found.GetString() : "no answer", "") << path;
  };
  look("/login");
  SignIn(browser);
  for (const char* path : {"/", "/targets/photos", "/plan", "/runs/1"}) look(path);
  browser.PreferDark();
  for (const char* path : {"/", "/targets/photos", "/plan", "/runs/1"}) look(path);
}

}  // namespace
}  // namespace runner::testing
