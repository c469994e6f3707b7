// The runner's own key of a repository, with the real restic.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "tests/integration/b2_test.h"
#include "tests/integration/program_test.h"
#include "tests/support/rest_server.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPassword = "correct horse";

/// From now on each call of restic is noted down.
void Spy(Workspace& ws, const std::string& restic) {
  ws.Write("spy",
           "#!/bin/sh\necho \"$*\" >> " + ws.Path("spied") + "\nexec " + restic + " \"$@\"\n",
           0755);
  ws.Set("RESTIC_BIN", ws.Path("spy"));
}

/// A wave of one target, of which an old snapshot goes: version, backup, listing, forget.
void ExpectFourStarts(Workspace& ws) {
  const std::string config = ws.Read("backup.yaml");
  ws.Write("backup.yaml",
           config + "    retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}\n");
  const Ran first = ws.Runner({"run"});
  ASSERT_EQ(first.code, 0) << first.all();
  ws.Write("spied", "");
  const Ran second = ws.Runner({"run"});
  EXPECT_EQ(second.code, 0) << second.all();
  EXPECT_THAT(second.out, HasSubstr("kept 1, removed 1"));
  const std::string spied = ws.Read("spied");
  EXPECT_EQ(std::count(spied.begin(), spied.end(), '\n'), 4) << spied;
}

class KeyTest : public ProgramTest {
 protected:
  void WriteConfig(const std::string& url, const std::string& more = "") {
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml",
               "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                   "\nrepository: {url: \"" + url + "\", password: \"" + kPassword + "\"" + more +
                   "}\ntargets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
  }
  void WriteConfig() { WriteConfig(ws().Path("repo")); }

  /// From now on each restic writes down what it opens the repository with.
  void Record() {
    ws().Write("recorder",
               "#!/bin/sh\nfor word; do case $word in version) exec " + Real() +
                   " \"$@\";; esac; done\nenv | grep -e '^RESTIC_PASSWORD' -e '" + kPassword +
                   "' >> " + ws().Path("recorded") + "\nexec " + Real() + " \"$@\"\n",
               0755);
    ws().Set("RESTIC_BIN", ws().Path("recorder"));
  }
  static std::string Real() { return ResticProgram(GetParam()); }

  std::string Record(const std::string& member) {
    const std::string text = ws().Read("state/repository/machine_key.json");
    const std::string start = "\"" + member + "\": \"";
    const std::size_t at = text.find(start);
    if (at == std::string::npos) return "";
    return text.substr(at + start.size(), text.find('"', at + start.size()) - at - start.size());
  }
  std::set<std::string> Keys() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(ws().Path("repo/keys")))
      names.insert(entry.path().filename());
    return names;
  }
  void RemoveMachineKey() { fs::remove(ws().Path("repo/keys/" + Record("id"))); }
};

TEST_P(KeyTest, IsMadeByTheFirstRunAndUsedInsteadOfThePassword) {
  WriteConfig();
  const Ran first = ws().Runner({"run"});
  ASSERT_EQ(first.code, 0) << first.all();
  EXPECT_THAT(first.all(), HasSubstr("added the machine key"));
  EXPECT_EQ(Record("state"), "in_use");
  EXPECT_EQ(Keys().size(), 2U);
  Record();
  const Ran second = ws().Runner({"run"});
  ASSERT_EQ(second.code, 0) << second.all();
  const std::string recorded = ws().Read("recorded");
  EXPECT_THAT(recorded, HasSubstr(Record("password")));
  EXPECT_THAT(recorded, Not(HasSubstr(kPassword)));
  EXPECT_THAT(second.all() + first.all(), Not(HasSubstr(Record("password"))));
  const Ran check = ws().Restic({"check"});
  EXPECT_EQ(check.code, 0) << check.all();
}

TEST_P(KeyTest, DoesNotHoldUpAnybodyWhoOpensTheRepositoryWithoutIt) {
  WriteConfig();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ASSERT_EQ(ws().Restic({"restore", "latest", "--target", ws().Path("back")}).code, 0);
  EXPECT_EQ(ws().Read("back" + ws().Path("photos/a.jpg")), "aaa");
}

TEST_P(KeyTest, ThatWasRemovedBehindOurBackFailsNoBackup) {
  MakeCheapRepository();
  WriteConfig();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  RemoveMachineKey();
  const Ran run = ws().Runner({"run", "--stage", "backup"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.all(), HasSubstr("does not take the machine key"));
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 2U);
  EXPECT_EQ(Record("state"), "refused");
  EXPECT_EQ(Record("password"), "");
  EXPECT_THAT(ws().Runner({"plan"}).out, HasSubstr("machine key: refused by the repository"));
}

TEST_P(KeyTest, DoesNotLetABackupIntoAnotherRepositoryOfTheSamePassword) {
  WriteConfig();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  fs::rename(ws().Path("repo"), ws().Path("ours"));
  ASSERT_EQ(ws().Restic({"init"}).code, 0);
  const Ran run = ws().Runner({"run"});
  EXPECT_NE(run.code, 0);
  EXPECT_THAT(run.all(), HasSubstr("holds repository"));
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty());
  EXPECT_EQ(Record("state"), "in_use");
  fs::remove_all(ws().Path("repo"));
  fs::rename(ws().Path("ours"), ws().Path("repo"));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

TEST_P(KeyTest, IsMadeAnewOverAFileOfGarbage) {
  MakeCheapRepository();
  WriteConfig();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ws().Write("state/repository/machine_key.json", "{\"version\": 1, \"sta", 0600);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.all(), HasSubstr("a new machine key is made"));
  EXPECT_EQ(Record("state"), "in_use");
}

TEST_P(KeyTest, IsListedRenewedAndRevokedByCommand) {
  MakeCheapRepository();
  WriteConfig();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const std::string first = Record("id");
  const Ran list = ws().Runner({"key", "list"});
  EXPECT_EQ(list.code, 0) << list.all();
  EXPECT_THAT(list.out, HasSubstr(first.substr(0, 8) + "  machine "));
  EXPECT_THAT(list.out, HasSubstr("machine key: in use since"));
  EXPECT_THAT(ws().Runner({"key", "list", "--json"}).out, HasSubstr("\"in_use\": true"));
  const Ran renew = ws().Runner({"key", "renew"});
  EXPECT_EQ(renew.code, 0) << renew.all();
  EXPECT_NE(Record("id"), first);
  EXPECT_EQ(Keys().count(first), 0U);
  EXPECT_EQ(Keys().size(), 2U);
  const Ran revoke = ws().Runner({"key", "revoke"});
  EXPECT_EQ(revoke.code, 0) << revoke.all();
  EXPECT_THAT(revoke.out, HasSubstr("1 key removed"));
  EXPECT_EQ(Keys().size(), 1U);
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Keys().size(), 1U);
}

TEST_P(KeyTest, IsNeitherMadeNorUsedWhenItIsOff) {
  MakeCheapRepository();
  WriteConfig(ws().Path("repo"), ", machine_key: off");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Keys().size(), 1U);
  EXPECT_THAT(ws().Runner({"plan"}).out, HasSubstr("machine key: off\n"));
}

TEST_P(KeyTest, OpensARepositoryOnARestServer) {
  MakeCheapRepository();
  const RestServer server(ws(), "repo", RestMode::kAppendOnly);
  WriteConfig(server.url());
  const Ran run = ws().Runner({"run", "--stage", "backup"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Record("state"), "in_use") << run.all();
  EXPECT_EQ(Keys().count(Record("id")), 1U);
}

/// Before anything, between reading and writing, and after the key was written but not proven: the
/// repository opens with the password, and the next run is a good one.
TEST_P(KeyTest, ThatIsBeingMadeWhenTheRunnerIsKilledHarmsNobody) {
  MakeCheapRepository();
  WriteConfig();
  for (const std::string moment :
       {R"(case " $* " in *' key list '*) ;; *) false;; esac)",
        R"(case " $* " in *' masterkey '*) ;; *) false;; esac)", R"(test -n "$RESTIC_KEY_HINT")"}) {
    fs::remove_all(ws().Path("state"));
    ws().Write("killer",
               "#!/bin/sh\nif " + moment + "; then kill -9 $PPID; fi\nexec " + Real() + " \"$@\"\n",
               0755);
    ws().Set("RESTIC_BIN", ws().Path("killer"));
    EXPECT_EQ(ws().Runner({"run"}).signal, SIGKILL) << moment;
    ws().Set("RESTIC_BIN", Real());
    const Ran opened = ws().Restic({"cat", "config"});
    EXPECT_EQ(opened.code, 0) << moment << opened.all();
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 0) << moment << run.all();
  }
  EXPECT_EQ(ws().Restic({"check"}).code, 0);
}

TEST_P(KeyTest, AWaveOverRestStartsResticNoMoreOftenThanInAFolder) {
  MakeCheapRepository();
  const RestServer server(ws(), ws().Path("repo"));
  WriteConfig(server.url());
  Spy(ws(), Real());
  ExpectFourStarts(ws());
}

RUNNER_FOR_EACH_RESTIC(KeyTest);

class B2KeyTest : public B2Test {
 protected:
  void SetUp() override {
    B2Test::SetUp();
    if (IsSkipped()) return;
    world().MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml", "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                                  "\nrepository: {url: \"" + std::string(kUrl) +
                                  "\", password: \"" + kPassword + "\"}\n" +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
  }
};

TEST_P(B2KeyTest, IsUploadedAndOpensTheRepository) {
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.all(), HasSubstr("added the machine key"));
  const Ran list = ws().Runner({"key", "list"});
  EXPECT_THAT(list.out, HasSubstr("runner-machine-key on test")) << list.all();
  const Ran revoke = ws().Runner({"key", "revoke"});
  EXPECT_THAT(revoke.out, HasSubstr("1 key removed")) << revoke.all();
}

TEST_P(B2KeyTest, AWaveStartsResticNoMoreOftenThanInAFolder) {
  Spy(ws(), ResticProgram(GetParam()));
  ExpectFourStarts(ws());
}

RUNNER_FOR_EACH_RESTIC(B2KeyTest);

}  // namespace
}  // namespace runner::testing
