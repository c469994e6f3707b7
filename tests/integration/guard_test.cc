// The guards after a backup, the quarantine and its answers, clocks, and other writers.
#include <gmock/gmock.h>

#include <ctime>
#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr int kFiles = 8;
const std::string kLastOnly = "{last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}";

/// "photos" with eight files, two good snapshots of them, and a retention that keeps one.
class GuardTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    for (int i = 0; i < kFiles; ++i) WriteFile(i, "photo " + std::to_string(i));
    Configure("{max_shrink: 50%}");
    for (int i = 0; i < 2; ++i) ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  }
  void Configure(const std::string& guard, const std::string& retention = kLastOnly) {
    ws().Write("backup.yaml", ws().ConfigHead() +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    guard: " + guard + "\n    retention: " + retention + "\n");
  }
  static std::string NameOf(int i) { return "photos/" + std::to_string(i) + ".jpg"; }
  void WriteFile(int i, const std::string& content) { ws().Write(NameOf(i), content); }
  void RemoveFiles(int count) {
    for (int i = 0; i < count; ++i) fs::remove(ws().Path(NameOf(i)));
  }
  std::size_t All() { return ws().SnapshotIds("target:photos").size(); }
  std::size_t Quarantined() { return ws().SnapshotIds("target:photos,quarantine").size(); }
  std::string Marker() { return ws().Read("state/targets/photos/backup_status"); }
  std::string Status() { return Marker().substr(0, Marker().find('\n')); }
  std::string ForgetStatus() {
    const std::string text = ws().Read("state/targets/photos/forget_status");
    return text.substr(0, text.find('\n'));
  }
  std::string Facts() { return ws().Read("state/targets/photos/facts.json"); }
  /// Restic itself makes a snapshot under our identity.
  void MakeByHand(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"backup", "--host", "test", "--tag", "target:photos"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(ws().Path("photos"));
    const Ran ran = ws().Restic(arguments);
    ASSERT_EQ(ran.code, 0) << ran.all();
  }
  static std::string InAYear() {
    constexpr std::time_t kYear = 365L * 24 * 3600;
    const std::time_t then = std::time(nullptr) + kYear;
    std::tm parts{};
    gmtime_r(&then, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
  }
};

TEST_P(GuardTest, HalfOfTheFilesMayGoAndNotOneMore) {
  RemoveFiles(kFiles / 2);
  EXPECT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  EXPECT_EQ(Quarantined(), 0U);
  RemoveFiles(kFiles - 1);
  EXPECT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 1);
  EXPECT_EQ(Quarantined(), 1U);
}

TEST_P(GuardTest, ALossIsRedAndForgetsNothingUntilItIsAccepted) {
  RemoveFiles(5);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_EQ(Status(), "FAILED");
  EXPECT_THAT(Marker(), HasSubstr("it lost 62.5 % of the files (3 are left of 8), more than "
                                  "guard.max_shrink: 50 %"));
  const auto bad = ws().SnapshotIds("target:photos,quarantine");
  ASSERT_EQ(bad.size(), 1U);
  EXPECT_THAT(Marker(), HasSubstr("snapshot: " + bad[0])) << "by the id that the tag gave it";
  EXPECT_EQ(All(), 3U);

  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_EQ(health.code, 1);
  EXPECT_THAT(health.out, HasSubstr("62.5 % of the files"));
  EXPECT_THAT(health.out, HasSubstr("runner ack photos"));
  EXPECT_THAT(ws().Runner({"status"}).out, HasSubstr("QUARANTINED"));
  EXPECT_THAT(ws().Runner({"explain", "photos"}).out, HasSubstr("quarantine   1 snapshot is"));
  EXPECT_THAT(ws().Runner({"plan"}).all(), HasSubstr("forget is suspended: 1 snapshot is quar"));
  EXPECT_THAT(ws().Runner({"plan", "--snapshots"}).all(), HasSubstr("forget is suspended: 1 sn"));

  EXPECT_EQ(ws().Runner({"run", "--stage", "forget"}).code, 0);
  EXPECT_EQ(ForgetStatus(), "WARNING");
  EXPECT_EQ(All(), 3U);

  const Ran ack = ws().Runner({"ack", "photos"});
  EXPECT_EQ(ack.code, 0) << ack.all();
  EXPECT_THAT(ack.out, HasSubstr("photos: accepted 1 snapshot; the newest good one is "));
  EXPECT_EQ(Status(), "SUCCESS");
  EXPECT_EQ(Quarantined(), 0U);
  EXPECT_EQ(ws().Runner({"run", "--stage", "forget"}).code, 0);
  EXPECT_EQ(ForgetStatus(), "SUCCESS");
  EXPECT_EQ(All(), 1U);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

/// An application that did not wait for its data wrote its first file before anybody looked.
TEST_P(GuardTest, OnANewMachineTheFirstFileOfAnApplicationIsNotTheNewTruth) {
  fs::remove_all(ws().Path("state"));
  RemoveFiles(kFiles);
  ws().Write("photos/app.db", "new");
  for (int i = 0; i < 2; ++i) {
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 1) << run.all();
    EXPECT_THAT(Marker(), HasSubstr("it lost 87.5 % of the files (1 is left of 8)"));
  }
  EXPECT_EQ(Quarantined(), 2U);
  EXPECT_EQ(All(), 4U);
  EXPECT_EQ(ws().Runner({"ack", "photos", "--discard"}).code, 0);
  EXPECT_EQ(All(), 2U);
}

TEST_P(GuardTest, TheCommandsInTheReasonWork) {
  RemoveFiles(5);
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  const std::string marker = Marker();
  const std::size_t at = marker.find("restic -- diff ");
  ASSERT_NE(at, std::string::npos) << marker;
  const std::string ids = marker.substr(at + 15, 17);
  const Ran diff = ws().Runner({"restic", "--", "diff", ids.substr(0, 8), ids.substr(9)});
  EXPECT_EQ(diff.code, 0) << diff.all();
  EXPECT_THAT(diff.out, HasSubstr("5 removed"));
}

TEST_P(GuardTest, WhatIsDiscardedIsGoneAndTheLastGoodOneStays) {
  RemoveFiles(5);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ws().Runner({"run"}).code, 1);
  EXPECT_EQ(Quarantined(), 3U) << "each is compared with the last good one";
  const Ran ack = ws().Runner({"ack", "photos", "--discard"});
  EXPECT_EQ(ack.code, 0) << ack.all();
  EXPECT_THAT(ack.out, HasSubstr("discarded 3 snapshots; the newest good one is "));
  EXPECT_EQ(All(), 2U);
  EXPECT_EQ(Quarantined(), 0U);
  EXPECT_EQ(Status(), "WARNING");
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
  EXPECT_EQ(ws().Runner({"run"}).code, 1) << "the data is no better";
  for (int i = 0; i < kFiles; ++i) WriteFile(i, "photo " + std::to_string(i));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Runner({"ack", "photos", "--discard"}).code, 0);
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(All(), 1U);
}

TEST_P(GuardTest, WithNothingToAnswerAnAnswerSaysSo) {
  const Ran ack = ws().Runner({"ack", "photos"});
  EXPECT_EQ(ack.code, 0);
  EXPECT_THAT(ack.out, HasSubstr("photos: no guard waits for an answer: nothing to accept"));
  const Ran discard = ws().Runner({"ack", "photos", "--discard"});
  EXPECT_EQ(discard.code, 0) << discard.all();
  EXPECT_THAT(discard.out, HasSubstr("nothing is quarantined"));
  EXPECT_EQ(All(), 2U);
  EXPECT_EQ(ws().Runner({"ack", "phots"}).code, 2);
  EXPECT_EQ(ws().Runner({"ack"}).code, 2);
}

TEST_P(GuardTest, EncryptionOfEverythingIsRedHoweverOftenItIsBackedUp) {
  Configure("{max_changed: 80%}");
  for (int i = 0; i < kFiles; ++i) WriteFile(i, "ENCRYPTED " + std::to_string(i));
  for (int i = 0; i < 2; ++i) {
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 1) << run.all();
    EXPECT_THAT(Marker(), HasSubstr("100 % of the 8 files of the last good snapshot are changed "
                                    "(8) or gone (0), more than guard.max_changed: 80 %"));
  }
  EXPECT_EQ(Quarantined(), 2U);
  // Brought back by hand: other times, but the old contents.
  for (int i = 0; i < kFiles; ++i) WriteFile(i, "photo " + std::to_string(i));
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Status(), "SUCCESS");
}

TEST_P(GuardTest, EncryptionThatRenamesIsSeenToo) {
  Configure("{max_changed: 80%}");
  RemoveFiles(kFiles);
  for (int i = 0; i < kFiles; ++i) ws().Write(NameOf(i) + ".locked", "ENCRYPTED");
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  EXPECT_THAT(Marker(), HasSubstr("are changed (0) or gone (8)"));
}

TEST_P(GuardTest, FewChangesAndNewTimesAreNoEncryption) {
  Configure("{max_changed: 80%}");
  for (int i = 0; i < 6; ++i) WriteFile(i, "edited " + std::to_string(i));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  for (int i = 0; i < kFiles; ++i) {
    const std::string content = ws().Read(NameOf(i));
    fs::remove(ws().Path(NameOf(i)));
    WriteFile(i, content);
  }
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Quarantined(), 0U);
}

TEST_P(GuardTest, ASourceThatMovedIsNoEncryption) {
  Configure("{max_changed: 80%, max_shrink: 50%}");
  fs::rename(ws().Path("photos"), ws().Path("pictures"));
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find(ws().Path("photos")), ws().Path("photos").size(),
                 ws().Path("pictures"));
  ws().Write("backup.yaml", config);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Quarantined(), 0U);
}

TEST_P(GuardTest, ASnapshotFromTheFutureSuspendsForget) {
  MakeByHand({"--time", InAYear()});
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.out, HasSubstr("in the future: one of the clocks is wrong"));
  EXPECT_EQ(ForgetStatus(), "WARNING");
  EXPECT_EQ(All(), 4U);
}

TEST_P(GuardTest, AForeignWriterSuspendsForgetAndIsNamed) {
  MakeByHand({});
  const Ran run = ws().Runner({"run", "--stage", "forget"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(ForgetStatus(), "WARNING");
  EXPECT_EQ(All(), 3U);
  const std::string marker = ws().Read("state/targets/photos/forget_status");
  EXPECT_THAT(marker, HasSubstr("@test) was not proven by a backup of this runner"));
  bool named = false;
  for (const std::string& id : ws().SnapshotIds("target:photos"))
    named = named || marker.find("the newest snapshot " + id.substr(0, 8)) != std::string::npos;
  EXPECT_TRUE(named) << marker;
}

/// Calls the real restic, and kills the runner (its parent) before or after the call of a number.
constexpr const char* kKillingRestic = R"(#!/bin/sh
n=$(($(cat "$CALLS" 2>/dev/null || echo 0) + 1))
echo $n > "$CALLS"
[ "$n" = "$KILL_BEFORE" ] && kill -9 $PPID
[ "$n" = "$KILL_AFTER" ] || exec "$REAL_RESTIC" "$@"
"$REAL_RESTIC" "$@"
kill -9 $PPID
)";

TEST_P(GuardTest, AKillBetweenTheSnapshotAndItsTagLetsNothingPassForGood) {
  ws().Write("killing-restic", kKillingRestic, 0755);
  ws().Set("REAL_RESTIC", ResticProgram(GetParam()));
  ws().Set("CALLS", ws().Path("calls"));
  const std::string good = Facts().substr(Facts().find("newest_good"), 100);
  RemoveFiles(5);
  for (const char* when : {"KILL_BEFORE", "KILL_AFTER"}) {
    for (int call = 1; call < 20; ++call) {
      SCOPED_TRACE(std::string(when) + " " + std::to_string(call));
      fs::remove(ws().Path("calls"));
      ws().Set("RESTIC_BIN", ws().Path("killing-restic"));
      ws().Set(when, std::to_string(call));
      const Ran killed = ws().Runner({"run"});
      ws().Set(when, "");
      ws().Set("RESTIC_BIN", ResticProgram(GetParam()));
      EXPECT_TRUE(Status() != "SUCCESS" || All() == 2) << Marker();
      EXPECT_THAT(Facts(), HasSubstr(good));
      if (killed.signal == 0) {
        EXPECT_GT(call, 5) << "hardly any call was hit: " << killed.all();
        break;
      }
      const Ran run = ws().Runner({"run"});
      EXPECT_EQ(run.code, 1) << run.all();
      EXPECT_EQ(All() - Quarantined(), 2U) << run.all();
      EXPECT_THAT(Facts(), HasSubstr(good));
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(ws().Runner({"ack", "photos", "--discard"}).code, 0);
  EXPECT_EQ(All(), 2U);
}

RUNNER_FOR_EACH_RESTIC(GuardTest);

}  // namespace
}  // namespace runner::testing
