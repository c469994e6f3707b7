#include "runner/http/lookout.h"

#include <gmock/gmock.h>

#include "tests/runner/health/silent_file_system.h"
#include "tests/runner/http/site_world.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;

/// The folder of photos lies on a mount that is gone.
class DeadMount : public ::testing::Test, public health_world::World {
 protected:
  DeadMount() : installed_(std::make_shared<Installed>(Installed{config_, {}, {}, {}})) {}

  std::string PhotosSource() {
    const auto look = lookout_.Now().value();
    for (const TargetInput& target : look->status.health.targets) {
      if (target.id == kPhotos) return target.source->detail;
    }
    return "";
  }

  SilentFileSystem silent_{files_, {"/data/photos"}};
  int looks_ = 0;
  MemoryHistory history_;
  std::shared_ptr<const Installed> installed_;
  Lookout lookout_{{silent_, clock_, history_, [this] { return redactor_; },
                    [this](std::unique_lock<std::mutex>& lock, auto&, auto&, auto) {
                      lock.unlock();
                      silent_.AwaitHanging(looks_);
                      lock.lock();
                    }},
                   installed_};
};

TEST_F(DeadMount, IsLookedAtOnceAndThenLeftAloneForLongerAndLonger) {
  looks_ = 1;
  EXPECT_THAT(PhotosSource(), HasSubstr("did not answer within"));
  EXPECT_TRUE(lookout_.Hangs());
  clock_.Advance(std::chrono::minutes(9));
  EXPECT_THAT(PhotosSource(), HasSubstr("did not answer lately"));
  clock_.Advance(std::chrono::minutes(2));
  looks_ = 2;
  EXPECT_THAT(PhotosSource(), HasSubstr("did not answer within"));
  clock_.Advance(std::chrono::minutes(19));
  EXPECT_THAT(PhotosSource(), HasSubstr("did not answer lately"));
  clock_.Advance(std::chrono::minutes(2));
  looks_ = 3;
  EXPECT_THAT(PhotosSource(), HasSubstr("did not answer within"));
}

TEST_F(SiteWorld, WhatAnswersIsLookedAtEachTime) {
  EXPECT_TRUE(lookout_.Now());
  EXPECT_FALSE(lookout_.Hangs());
}

}  // namespace
}  // namespace runner::testing
