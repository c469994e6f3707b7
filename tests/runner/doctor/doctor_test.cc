#include <gmock/gmock.h>

#include "targets/restic/capabilities.h"
#include "tests/runner/doctor/doctor_world.h"

namespace runner {
namespace {

using doctor_world::DoctorWorld;
using doctor_world::kGiB;
using doctor_world::kPhotos;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HasWords;
using ::testing::Not;
using testing::Script;
using ::testing::StartsWith;

constexpr const char* kNoDaemon =
    "note     daemon: none runs: nothing happens by itself\n"
    "           do: start `runner daemon`, or call `runner run` from cron or a timer\n";

TEST(Doctor, IsContentWithAMachineOnWhichAllIsWell) {
  DoctorWorld world;
  EXPECT_EQ(world.Bad(), std::string(kNoDaemon) + "ready\n");
  EXPECT_EQ(world.Text(),
            "ok       configuration: valid, with 1 target\n"
            "ok       privileges: root: reads every file, and gives restored ones their owners\n"
            "ok       state: /var/lib/runner, on the mount /var/lib/runner, 50.0 GiB free\n"
            "ok       cache: /var/lib/runner/cache, on the mount /var/lib/runner, 50.0 GiB free\n"
            "ok       clock: 2027-01-15T08:00:00Z, timezone UTC\n"
            "ok       restic: 0.99.0 (restic)\n"
            "ok       source: photos: /data/photos has data\n" +
                std::string(kNoDaemon) + "ready\n");
}

TEST(Doctor, WritesNothing) {
  DoctorWorld world;
  world.config_.state_dir = "/elsewhere/state";
  world.config_.cache_dir = "/elsewhere/cache";
  const auto before = world.files_.Tree();
  EXPECT_THAT(world.Text(), HasSubstr("/elsewhere/state, which will be made, on the mount /, "));
  EXPECT_EQ(world.files_.Tree(), before);
}

TEST(Doctor, EachFindingThatIsNotFineSaysWhatToDo) {
  DoctorWorld world;
  world.query_.user = 1000;
  world.ResticIs(Script().Prints("restic 0.14.0\n").Exits(0));
  world.SourceIs("missing");
  world.files_.SetReadOnly("/var", true);
  const DoctorReport report = world.Look();
  EXPECT_FALSE(report.ready);
  for (const DoctorFinding& finding : report.findings)
    EXPECT_EQ(finding.remedy.empty(), finding.level == DoctorLevel::kOk) << finding.message;
}

TEST(Doctor, ShowsTheWarningsOfTheConfigurationWithTheirPlace) {
  DoctorWorld world;
  targets::Diagnostic warning{targets::DiagnosticSeverity::kWarning,
                              "backup.yaml",
                              3,
                              5,
                              "targets.photos.retention",
                              "finer than the schedule",
                              "",
                              ""};
  world.query_.warnings = {warning};
  EXPECT_THAT(world.Bad(),
              AllOf(HasSubstr("WARNING  configuration: backup.yaml:3:5: targets.photos.retention: "
                              "finer than the schedule\n"),
                    HasSubstr("ready, with 1 warning\n")));
}

TEST(Doctor, NamesDisabledTargetsAndDoesNotLookAtThem) {
  DoctorWorld world;
  world.photos().enabled = false;
  world.SourceIs("missing");
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("note     configuration: photos is disabled"),
                                 HasSubstr("\nready\n")));
}

TEST(DoctorPrivileges, SayWhatOthersThanRootCannotDo) {
  DoctorWorld world;
  world.query_.user = 1000;
  EXPECT_THAT(world.Bad(), HasSubstr("note     privileges: user 1000, not root"));
  world.config_.run_as = targets::RunAs{1000, 1000};
  EXPECT_THAT(world.Bad(), HasSubstr("note     privileges: user 1000, not root"));
  world.config_.run_as = targets::RunAs{1001, 1001};
  EXPECT_THAT(world.Bad(),
              HasSubstr("WARNING  privileges: the jobs run as user 1000, not as 1001"));
  world.query_.user = 0;
  EXPECT_THAT(world.Bad(), HasSubstr("note     privileges: root, while the jobs run as user 1001"));
}

TEST(DoctorState, MustBeWritable) {
  DoctorWorld world;
  world.files_.SetReadOnly("/var/lib/runner", true);
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("ERROR    state: user 0 cannot write /var/lib/runner"),
                                 HasSubstr("not ready: ")));
}

TEST(DoctorState, MustBeAFolder) {
  DoctorWorld world;
  world.files_.AddFile("/var/file", "x");
  world.config_.state_dir = "/var/file";
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    state: /var/file is no folder"));
}

TEST(DoctorState, IsOnAVolumeInAContainer) {
  for (const char* mark : {"/.dockerenv", "/run/.containerenv", ""}) {
    DoctorWorld world;
    if (*mark != '\0') world.files_.AddFile(mark, "");
    const char* root = *mark != '\0' ? "ext4" : "overlay";
    world.files_.AddFile("/proc/self/mountinfo",
                         DoctorWorld::Mounted(root, "/var/lib/runner", "ext4"));
    EXPECT_EQ(world.Bad(), std::string(kNoDaemon) + "ready\n") << mark;
    world.files_.AddFile("/proc/self/mountinfo", DoctorWorld::Mounted(root, "/other", "ext4"));
    EXPECT_THAT(world.Bad(),
                AllOf(HasSubstr("WARNING  state: /var/lib/runner is part of the container"),
                      HasSubstr("do: mount a volume at /var/lib/runner\n"),
                      HasSubstr("note     cache: /var/lib/runner/cache does not survive")))
        << mark;
  }
}

TEST(DoctorState, InMemoryIsForgotten) {
  DoctorWorld world;
  world.files_.AddFile("/proc/self/mountinfo",
                       DoctorWorld::Mounted("ext4", "/var/lib/runner", "tmpfs"));
  EXPECT_THAT(world.Bad(), HasSubstr("WARNING  state: /var/lib/runner lies in memory"));
}

TEST(DoctorState, SaysIfNobodyCanTellWhetherItIsOnAVolume) {
  DoctorWorld world;
  world.files_.AddFile("/.dockerenv", "");
  EXPECT_TRUE(world.files_.Remove("/proc/self/mountinfo"));
  EXPECT_THAT(world.Bad(), HasSubstr("note     state: whether /var/lib/runner is on a volume"));
}

TEST(DoctorState, NeedsRoom) {
  constexpr targets::Bytes kMiB = targets::Bytes{1} << 20;
  const auto level = [&](targets::Bytes available) {
    DoctorWorld world;
    world.config_.cache_dir = "/data";
    world.files_.SetSpace("/var", {kGiB, available});
    const std::string bad = world.Bad();
    return bad.substr(0, bad.find(' '));
  };
  EXPECT_EQ(level(100 * kMiB), "note");
  EXPECT_EQ(level(100 * kMiB - 1), "WARNING");
  EXPECT_EQ(level(10 * kMiB), "WARNING");
  EXPECT_EQ(level(10 * kMiB - 1), "ERROR");
}

TEST(DoctorState, ReportsADamagedFile) {
  DoctorWorld world;
  world.Remember({});
  for (const std::string& path : world.files_.Tree()) {
    if (path.ends_with("facts.json")) world.files_.AddFile(path, "{");
  }
  EXPECT_THAT(world.Bad(), HasSubstr("WARNING  state: "));
}

TEST(DoctorCache, BelongsToWhoTheJobsRunAs) {
  DoctorWorld world;
  world.config_.run_as = targets::RunAs{1000, 1001};
  EXPECT_THAT(world.Bad(),
              AllOf(HasSubstr("WARNING  cache: /var/lib/runner/cache belongs to user 0"),
                    HasSubstr("do: chown -R 1000:1001 /var/lib/runner/cache\n")));
  EXPECT_TRUE(world.files_.ChangeOwner("/var/lib/runner/cache", 1000, 1001));
  EXPECT_THAT(world.Bad(), Not(HasSubstr("WARNING")));
}

TEST(DoctorCache, WantsRoom) {
  DoctorWorld world;
  world.files_.SetSpace("/var", {2 * kGiB, kGiB - 1});
  EXPECT_THAT(world.Bad(),
              AllOf(HasSubstr("WARNING  cache: 1024.0 MiB free"), Not(HasSubstr("  state: "))));
}

TEST(DoctorTemporary, IsLookedAtIfThereIsOne) {
  DoctorWorld world;
  world.config_.temp_dir = "/tmp/backup";
  EXPECT_THAT(world.Text(), HasSubstr("ok       temporary: /tmp/backup, which will be made"));
  world.files_.SetReadOnly("/", true);
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    temporary: user 0 cannot write /"));
}

TEST(DoctorClock, IsWrongBeforeThisProgramWasWritten) {
  DoctorWorld world;
  world.clock_.JumpTo(targets::FromUnixSeconds(86'400));
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    clock: it says 1970-01-02T00:00:00Z"));
}

TEST(DoctorClock, IsWrongIfSomethingKnownIsNewer) {
  const auto bad = [](targets::Duration ahead) {
    DoctorWorld world;
    TargetFacts facts;
    facts.newest_good = GoodSnapshot{targets::SnapshotId("a"), world.clock_.Now() + ahead, 1, 1};
    world.Remember(facts);
    return world.Bad();
  };
  EXPECT_THAT(bad(targets::Duration{300}), Not(HasSubstr("clock")));
  EXPECT_THAT(bad(targets::Duration{301}),
              HasSubstr("ERROR    clock: it says 2027-01-15T08:00:00Z, but the newest snapshot of "
                        "photos is of 2027-01-15T08:05:01Z\n"));
}

TEST(DoctorClock, NeedsItsZone) {
  DoctorWorld world;
  world.config_.timezone = "Europe/Nowhere";
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("ERROR    clock: "), HasSubstr("Europe/Nowhere")));
}

TEST(DoctorRestic, MustBeThere) {
  DoctorWorld world;
  world.ResticIs(Script().Exits(127));
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("ERROR    restic: "), HasSubstr("RESTIC_BIN")));
}

TEST(DoctorRestic, MustNotBeTooOld) {
  DoctorWorld world;
  world.ResticIs(Script().Prints("restic 0.13.1 compiled with go\n").Exits(0));
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    restic: 0.13.1 is too old"));
}

TEST(DoctorRestic, EachThingThatItLacksIsANote) {
  DoctorWorld world;
  world.ResticIs(Script().Prints("restic 0.14.0 compiled with go\n").Exits(0));
  const DoctorReport report = world.Look();
  EXPECT_TRUE(report.ready);
  EXPECT_EQ(std::ranges::count_if(report.findings,
                                  [](const DoctorFinding& finding) {
                                    return finding.area == DoctorArea::kRestic &&
                                           finding.level == DoctorLevel::kNote;
                                  }),
            static_cast<long>(targets::FeatureTable().size()));
  EXPECT_THAT(world.Bad(), HasSubstr("note     restic: lacks retry-lock: "));
}

TEST(DoctorSecrets, SaysWhichCannotBeHadAndWhichOthersCanRead) {
  DoctorWorld world;
  world.query_.secrets = {
      {.key = "repository.password", .where = "file /p", .file = "/p", .read_by_others = true},
      {.key = "repository.b2.account_id", .where = "command pass", .error = "it gave no secret"}};
  EXPECT_THAT(world.Text(), AllOf(HasSubstr("ok       secret: repository.password: file /p\n"),
                                  HasSubstr("WARNING  secret: repository.password: other users"),
                                  HasSubstr("do: chmod 600 /p\n"),
                                  HasSubstr("ERROR    secret: it gave no secret\n")));
}

TEST(DoctorPrograms, AreLookedForAsTheChildrenAre) {
  DoctorWorld world;
  world.query_.environment["PATH"] = "/nowhere:/bin";
  testing::MemoryFileSystem& files = world.files_;
  FileInfo program;
  program.type = FileType::kFile;
  program.mode = 0755;
  files.AddFolder("/bin");
  EXPECT_TRUE(files.WriteCarelessly("/bin/docker", "", program));
  files.AddFile("/opt/script", "");
  world.photos().hooks.before = {{"docker", "pause"}, {"/bin/docker"}, {"dokcer"}};
  world.photos().hooks.on_failure = {{"/opt/script"}};
  EXPECT_THAT(
      world.Text(),
      AllOf(HasSubstr("ok       program: 2 commands found\n"),
            HasSubstr("ERROR    program: targets.photos.hooks.before: dokcer is not found\n"),
            HasSubstr("ERROR    program: targets.photos.hooks.on_failure: /opt/script is no "
                      "program\n           do: chmod +x /opt/script\n")));
  world.photos().environment["PATH"] = "/nowhere";
  EXPECT_THAT(world.Text(), HasSubstr("targets.photos.hooks.before: docker is not found\n"));
}

TEST(DoctorDaemon, SaysWhetherItRunsAndWhoIsAtWork) {
  DoctorWorld world;
  EXPECT_TRUE(world.folder_.Prepare(world.clock_.Now()));
  const auto daemon = world.folder_.TryLockDaemon();
  const auto run = world.folder_.TryLockTarget(kPhotos);
  DaemonFacts facts;
  facts.pid = 7;
  facts.started = world.clock_.Now();
  facts.config_error = "unknown key";
  EXPECT_TRUE(world.facts_.WriteDaemon(facts));
  EXPECT_THAT(world.Text(),
              AllOf(HasSubstr("ok       daemon: it runs as process 7\n"),
                    HasSubstr("WARNING  daemon: it goes on with an older configuration: unknown"),
                    HasSubstr("note     daemon: a run of photos is at work\n")));
}

TEST(DoctorReport, CountsInItsVerdict) {
  DoctorWorld world;
  world.SourceIs("missing");
  EXPECT_THAT(world.Bad(), HasSubstr("\nnot ready: 1 error\n"));
  world.config_.run_as = targets::RunAs{1000, 1000};
  EXPECT_THAT(world.Bad(), HasSubstr("\nnot ready: 1 error and 1 warning\n"));
}

TEST(DoctorReport, HidesSecrets) {
  DoctorWorld world;
  world.redactor_.Add(targets::Secret("open sesame"));
  world.processes_.When(
      HasWords({"inspect-source"}),
      Script().Prints(R"({"state":"missing","detail":"open sesame","path":"/x"})").Exits(0));
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("missing: ***"), Not(HasSubstr("sesame"))));
}

}  // namespace
}  // namespace runner
