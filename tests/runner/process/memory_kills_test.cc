#include "runner/process/memory_kills.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using Files = std::vector<std::string>;

TEST(MemoryKills, AreCountedByTheGroupOfTheUnifiedHierarchy) {
  EXPECT_EQ(MemoryKillFiles("0::/system.slice/backup.service\n"),
            (Files{"/sys/fs/cgroup/system.slice/backup.service/memory.events",
                   "/sys/fs/cgroup/memory.events"}));
}

TEST(MemoryKills, AreCountedAtTheRootInAContainerThatSeesOnlyItself) {
  EXPECT_EQ(MemoryKillFiles("0::/\n"), (Files{"/sys/fs/cgroup/memory.events"}));
}

TEST(MemoryKills, AreCountedByTheMemoryControllerOfTheOldHierarchy) {
  EXPECT_EQ(MemoryKillFiles("9:name=systemd:/docker/ab\n8:cpu,memory:/docker/ab\n"),
            (Files{"/sys/fs/cgroup/memory/docker/ab/memory.oom_control",
                   "/sys/fs/cgroup/memory/memory.oom_control"}));
}

TEST(MemoryKills, AreCountedNowhereWithoutAGroup) {
  for (const char* membership : {"", "\n", "8", "8:memory", "1:name=systemd:/x\n", "2:memoryx:/\n",
                                 "10::/x\n", "0:cpu:/\n"}) {
    EXPECT_EQ(MemoryKillFiles(membership), Files{}) << membership;
  }
}

TEST(MemoryKills, AreTheNumberOfTheirLine) {
  EXPECT_EQ(ParseMemoryKills("low 0\noom 7\noom_kill 3\noom_group_kill 9\n"), 3);
  EXPECT_EQ(ParseMemoryKills("oom_kill_disable 0\nunder_oom 0\noom_kill 0"), 0);
}

TEST(MemoryKills, AreUnknownWithoutANumber) {
  for (const char* text : {"", "oom_kill\n", "oom_kill \n", "oom_kill 3x\n", "oom_kill -1\n",
                           "oom_group_kill 3\n", "oom_kill 99999999999999999999\n"}) {
    EXPECT_EQ(ParseMemoryKills(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace runner
