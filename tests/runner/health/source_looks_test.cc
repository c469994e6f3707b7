#include "runner/health/source_looks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/runner/health/health_world.h"
#include "tests/runner/health/silent_file_system.h"

namespace runner {
namespace {

using namespace health_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words
using testing::SilentFileSystem;

/// Time that passes only when a test says so: the first step is over when a thread hangs, each
/// later one when so many have answered.
SourceLooks::Nap UntilAnswered(SilentFileSystem& files, std::size_t wanted) {
  return [&files, wanted, first = true](std::unique_lock<std::mutex>& lock,
                                        std::condition_variable& changed,
                                        const std::size_t& answered, std::size_t /*all*/) mutable {
    if (!std::exchange(first, false)) return changed.wait(lock, [&] { return answered >= wanted; });
    lock.unlock();
    files.AwaitHanging(1);
    lock.lock();
  };
}

HealthReport Judge(World& world, SilentFileSystem& files, std::size_t answers) {
  return Evaluate(CollectHealth(world.config_, {.nap = UntilAnswered(files, answers)}, files,
                                world.redactor_, world.clock_));
}

TEST(SourceLooks, AnswerInTheOrderOfThePlaces) {
  MemoryFileSystem files;
  files.AddFile("/a/file", "x");
  files.AddFolder("/b");
  SourceLooks looks(files, {{{"/a"}, {}}, {{"/b"}, {}}, {{"/c"}, {}}});
  const std::vector<SourceLook> found = looks.Await();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].source.state, targets::SourceState::kHasData);
  EXPECT_TRUE(found[0].disk.has_value());
  EXPECT_EQ(found[1].source.state, targets::SourceState::kEmpty);
  EXPECT_EQ(found[2].source.state, targets::SourceState::kMissing);
  EXPECT_FALSE(found[2].disk.has_value());
  EXPECT_FALSE(looks.Hangs());
}

TEST(SourceLooks, OfNothingAnswerAtOnce) {
  MemoryFileSystem files;
  SourceLooks looks(files, {});
  EXPECT_TRUE(looks.Await().empty());
  EXPECT_FALSE(looks.Hangs());
}

TEST(SourceLooks, OneDeadMountDoesNotHideTheOthers) {
  MemoryFileSystem memory;
  for (const char* file : {"/dead/f", "/alive/f", "/well/f"}) memory.AddFile(file, "x");
  SilentFileSystem files(memory, {"/dead"});
  SourceLooks looks(files, {{{"/dead"}, {}}, {{"/alive"}, {}}, {{"/well"}, {}}},
                    UntilAnswered(files, 2));
  const std::vector<SourceLook> found = looks.Await();
  EXPECT_EQ(found[0].source.state, targets::SourceState::kUnreadable);
  EXPECT_EQ(found[1].source.state, targets::SourceState::kHasData);
  EXPECT_EQ(found[2].source.state, targets::SourceState::kHasData);
  EXPECT_TRUE(looks.Hangs());
}

TEST(SourceLooks, MakeOnlyTheTargetOfADeadMountUnhealthy) {
  World world;
  targets::Target other = world.photos();
  other.id = TargetId("zoo");
  other.source = targets::DirectorySource{"/data/zoo"};
  world.files_.AddFile("/data/zoo/lion", "x");
  world.config_.targets.push_back(other);
  SilentFileSystem files(world.files_, {"/data/photos"});
  const HealthReport report = Judge(world, files, 1);
  EXPECT_EQ(Reds(report), std::vector<std::string>{"photos source_unreadable"});
  EXPECT_EQ(report.targets[1].findings.front().message,
            "Source cannot be read: /data/photos did not answer within 2 s: is a network file "
            "system down?");
}

TEST(SourceLooks, SayThatAThreadHangs) {
  World world;
  SilentFileSystem files(world.files_, {"/data/photos"});
  EXPECT_TRUE(CollectHealth(world.config_, {.nap = UntilAnswered(files, 0)}, files, world.redactor_,
                            world.clock_)
                  .a_look_hangs);
  EXPECT_FALSE(
      CollectHealth(world.config_, {}, world.files_, world.redactor_, world.clock_).a_look_hangs);
}

/// So many sources on a server that is gone.
struct DeadServer {
  explicit DeadServer(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string path = "/mnt/" + std::to_string(i);
      memory.AddFolder(path);
      silent.insert(path);
      places.push_back({{path}, {}});
    }
  }
  MemoryFileSystem memory;
  std::set<std::string> silent;
  std::vector<SourcePlace> places;
};

/// Each step is over when all its threads hang: 1, 2, 4, ... but at most `most`; then comes an
/// answer for each place that gives one.
SourceLooks::Nap UntilAllThreadsHang(SilentFileSystem& files, int most, std::size_t wanted) {
  return [&files, most, wanted, threads = 1](
             std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
             const std::size_t& answered, std::size_t /*all*/) mutable {
    lock.unlock();
    files.AwaitHanging(std::min(threads, most));
    lock.lock();
    if (threads > most) changed.wait(lock, [&] { return answered >= wanted; });
    threads *= 2;
  };
}

TEST(SourceLooks, ADeadServerWithManySourcesDoesNotHideTheOthers) {
  DeadServer server(20);
  server.memory.AddFile("/alive/f", "x");
  server.places.push_back({{"/alive"}, {}});
  SilentFileSystem files(server.memory, server.silent);
  SourceLooks looks(files, server.places, UntilAllThreadsHang(files, 20, 1));
  const std::vector<SourceLook> found = looks.Await();
  EXPECT_EQ(found[19].source.state, targets::SourceState::kUnreadable);
  EXPECT_EQ(found[20].source.state, targets::SourceState::kHasData);
}

TEST(SourceLooks, SayOfWhatWasNotReachedThatOthersAreToBlame) {
  constexpr int kReached = 1 << (SourceLooks::kSteps - 1);  // doubled after each step but the last
  DeadServer server(kReached + 1);
  SilentFileSystem files(server.memory, server.silent);
  SourceLooks looks(files, server.places, UntilAllThreadsHang(files, kReached, 0));
  const std::vector<SourceLook> found = looks.Await();
  EXPECT_EQ(found[kReached - 1].source.detail,
            "/mnt/127 did not answer within 2 s: is a network file system down?");
  EXPECT_EQ(found[kReached].source.detail,
            "/mnt/128 was not looked at within 2 s: too many others do not answer");
}

TEST(SourceLooks, DoNotTouchTargetsThatAreSwitchedOff) {
  World world;
  world.photos().enabled = false;
  SilentFileSystem files(world.files_, {"/data/photos"});
  EXPECT_TRUE(
      Evaluate(CollectHealth(world.config_, {}, files, world.redactor_, world.clock_)).Healthy());
}

}  // namespace
}  // namespace runner
