#include "runner/base/posix_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "runner/base/mount_points.h"

namespace runner {
namespace {

class PosixFileSystemTest : public ::testing::Test {
 protected:
  PosixFileSystemTest() {
    std::string pattern = ::testing::TempDir() + "/posix-file-system-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~PosixFileSystemTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  PosixFileSystem files_;
  std::string folder_;
};

TEST_F(PosixFileSystemTest, AFailedWriteLeavesTheOldContentAndNoRubbish) {
  ASSERT_TRUE(files_.WriteDurably(Path("a"), "old", 0600));
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit small = old_limit;
  small.rlim_cur = 1000;  // a write beyond it fails in the middle, as on a full disk
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = files_.WriteDurably(Path("a"), std::string(5000, 'x'), 0600);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write " + Path("a") + ": File too large");
  EXPECT_EQ(files_.Read(Path("a"), 10).value(), "old");
  EXPECT_EQ(files_.List(folder_, 10).value(), std::vector<std::string>{"a"});
}

TEST_F(PosixFileSystemTest, TheDeathOfTheHolderFreesALock) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = files_.TryLock(Path("lock"), LockMode::kExclusive);
    const char byte = lock && *lock != nullptr ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_TRUE(files_.IsLocked(Path("lock")).value());
  EXPECT_EQ(files_.TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);

  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(files_.IsLocked(Path("lock")).value());
  EXPECT_NE(files_.TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(PosixFileSystemTest, AStartedProgramDoesNotInheritTheLock) {
  const auto lock = files_.TryLock(Path("lock"), LockMode::kExclusive).value();
  ASSERT_NE(lock, nullptr);
  bool found = false;
  const auto names = files_.List("/proc/self/fd", 10000);
  for (const std::string& name : *names) {
    std::array<char, 4096> target{};
    if (readlink(("/proc/self/fd/" + name).c_str(), target.data(), target.size() - 1) <= 0)
      continue;
    if (std::string(target.data()) != files_.RealPath(Path("lock")).value()) continue;
    found = true;
    EXPECT_NE(fcntl(std::stoi(name), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(found);
}

TEST_F(PosixFileSystemTest, APipeInTheWayDoesNotHangTheReader) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(files_.Read(Path("pipe"), 10).value(), "");
  EXPECT_EQ(files_.Stat(Path("pipe"), LinkHandling::kFollow).value()->type, FileType::kOther);
}

TEST_F(PosixFileSystemTest, LeftoversOfACrashWithTheSameProcessIdAreNoObstacle) {
  ASSERT_TRUE(files_.WriteDurably(Path("a"), "one", 0600));
  for (unsigned n = 0; n < 200; ++n) {
    const std::string name = ".a.tmp-" + std::to_string(getpid()) + "-" + std::to_string(n);
    ASSERT_TRUE(IsTemporaryName(name));
    const int fd = open(Path(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    close(fd);
  }
  EXPECT_TRUE(files_.WriteDurably(Path("a"), "two", 0600));
  EXPECT_EQ(files_.Read(Path("a"), 10).value(), "two");
}

TEST_F(PosixFileSystemTest, ALinkToAMountPointIsFollowed) {
  ASSERT_EQ(symlink("/proc", Path("link").c_str()), 0);
  EXPECT_TRUE(files_.IsMountPoint("/proc").value());
  EXPECT_TRUE(files_.IsMountPoint(Path("link")).value());
  EXPECT_FALSE(files_.IsMountPoint("/proc/self").value());
}

TEST(TemporaryName, OrdinaryNamesAreNotTaken) {
  EXPECT_TRUE(IsTemporaryName(".backup_status.tmp-1-0"));
  EXPECT_FALSE(IsTemporaryName("backup_status"));
  EXPECT_FALSE(IsTemporaryName("a.tmp-1"));
  EXPECT_FALSE(IsTemporaryName(".hidden"));
}

TEST(MountPoints, AreReadWithTheirEscapes) {
  const std::string text =
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "40 22 8:1 /srv/a /data/with\\040space rw - ext4 /dev/sda1 rw\n"
      "41 22 8:1 /srv/b /data/back\\134slash rw - ext4 /dev/sda1 rw\n"
      "broken line\n";
  EXPECT_EQ(MountPoints(text),
            (std::vector<std::string>{"/", "/data/with space", "/data/back\\slash"}));
  EXPECT_TRUE(MountPoints("").empty());
}

TEST(MountOf, IsTheNearestAndOfTwoAtOnePlaceTheLater) {
  const std::vector<Mount> mounts = Mounts(
      "1 0 0:1 / / rw - overlay overlay rw\n"
      "2 1 8:1 / /var rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw\n"
      "3 1 8:1 / /data rw - ext4 /dev/sda1 rw\n"
      "4 3 0:2 / /data rw - tmpfs none rw\n");
  const auto of = [&](std::string_view path) {
    const Mount* mount = MountOf(mounts, path);
    return mount == nullptr ? std::string("(none)") : mount->point + " " + mount->type;
  };
  EXPECT_EQ(of("/"), "/ overlay");
  EXPECT_EQ(of("/variety"), "/ overlay");
  EXPECT_EQ(of("/var"), "/var ext4");
  EXPECT_EQ(of("/var/lib"), "/var ext4");
  EXPECT_EQ(of("/data/x"), "/data tmpfs");
  EXPECT_EQ(MountOf({}, "/"), nullptr);
}

}  // namespace
}  // namespace runner
