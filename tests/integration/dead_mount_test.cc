// A source on a network mount that is gone: the built program says so in time and ends.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;

/// A file system in user space whose server never answers: whoever looks at it hangs.
class DeadMount {
 public:
  explicit DeadMount(std::string path)
      : path_(std::move(path)), device_(open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    const std::string options =
        "fd=" + std::to_string(device_) + ",rootmode=40000,user_id=0,group_id=0";
    mounted_ = device_ >= 0 && mount("dead", path_.c_str(), "fuse", 0, options.c_str()) == 0;
  }
  ~DeadMount() {
    if (device_ >= 0) close(device_);  // from here on everybody gets an error
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  DeadMount(const DeadMount&) = delete;
  DeadMount& operator=(const DeadMount&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::string path_;
  int device_;
  bool mounted_ = false;
};

class DeadMountTest : public ProgramTest {};

TEST_P(DeadMountTest, TurnsItsTargetRedAndHoldsUpNobody) {
  for (const char* folder : {"photos", "zoo"}) ws().Write(std::string(folder) + "/a", "aaa");
  ws().MakeFolder("nas");
  ws().Write("backup.yaml", ws().ConfigHead() + "targets:\n  nas: {source: " + ws().Path("nas") +
                                "}\n  photos: {source: " + ws().Path("photos") +
                                "}\n  zoo: {source: " + ws().Path("zoo") + "}\n");
  {
    const DeadMount dead(ws().Path("nas"));
    if (!dead.mounted()) GTEST_SKIP() << "needs root and /dev/fuse";
    const Ran health = ws().Runner({"healthcheck"});
    EXPECT_EQ(health.code, 1) << health.all();
    EXPECT_THAT(health.out, HasSubstr("nas: UNHEALTHY: Source cannot be read: " + ws().Path("nas") +
                                      " did not answer within 2 s: is a network file system"));
    EXPECT_THAT(health.out, HasSubstr("photos: HEALTHY: "));
    EXPECT_THAT(health.out, HasSubstr("zoo: HEALTHY: "));
    EXPECT_EQ(ws().Runner({"healthcheck", "--target", "zoo"}).code, 0);
    EXPECT_EQ(ws().Runner({"healthcheck", "--live"}).code, 1) << "there is no daemon";
    EXPECT_EQ(ws().Runner({"status"}).code, 0);
    EXPECT_THAT(ws().Runner({"explain", "nas"}).out, HasSubstr("did not answer within 2 s"));
  }
  ws().Write("nas/a", "aaa");
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

// No restic is started.
INSTANTIATE_TEST_SUITE_P(Restic, DeadMountTest, ::testing::Values("system"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace runner::testing
