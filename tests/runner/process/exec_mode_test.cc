#include "runner/process/exec_mode.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using Words = std::vector<std::string>;

TEST(ExecMode, PassesOnlyWhatWasAskedFor) {
  ProcessSpec spec;
  spec.argv = {"restic", "snapshots", "--json"};
  spec.parent_death_signal = 0;
  EXPECT_EQ(
      ExecArguments(spec, {"n0", 17, false, 0}),
      (Words{"exec-child", "--nonce=n0", "--parent=17", "--", "restic", "snapshots", "--json"}));
}

TEST(ExecMode, PassesTheWholeSpecification) {
  ProcessSpec spec;
  spec.argv = {"--", "--uid=0"};
  spec.environment = {{"RESTIC_HOST", "server1"}, {"TZ", "UTC"}};
  spec.unset = {"RESTIC_*", "BACKUP_TARGET"};
  spec.working_directory = "/srv/a b";
  spec.uid = 1000;
  spec.gid = 100;
  spec.nice = -5;
  spec.umask = 077;
  EXPECT_EQ(ExecArguments(spec, {"n1", 17, true, 1024}),
            (Words{"exec-child", "--nonce=n1", "--parent=17", "--stdin=1", "--open-files=1024",
                   "--uid=1000", "--gid=100", "--nice=-5", "--umask=63", "--death-signal=2",
                   "--cwd=/srv/a b", "--unset=RESTIC_*", "--unset=BACKUP_TARGET",
                   "--keep=RESTIC_HOST", "--", "--", "--uid=0"}));
}

TEST(ExecMode, TurnsItsFailureLineIntoAReason) {
  EXPECT_EQ(
      ExecFailureReason("runner-exec-failure n1 2 run it", "n1", {"restik"}),
      "cannot start \"restik\": cannot run it: No such file or directory; install it, or give "
      "its full path");
  EXPECT_EQ(ExecFailureReason("runner-exec-failure n1 13 enter the working folder", "n1", {"a"}),
            "cannot start \"a\": cannot enter the working folder: Permission denied");
}

TEST(ExecMode, TakesNoOtherLineForAFailure) {
  for (const char* line : {"", "runner-exec-failure n2 2 run it", "runner-exec-failure n1 2",
                           "runner-exec-failure n1 x run it", " runner-exec-failure n1 2 run it"}) {
    EXPECT_EQ(ExecFailureReason(line, "n1", {"a"}), "") << line;
  }
}

}  // namespace
}  // namespace runner
