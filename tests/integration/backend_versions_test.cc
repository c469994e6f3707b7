// An S3 bucket that keeps what is removed as an old version, as B2's buckets do.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/backend_test.h"
#include "tests/support/radosgw.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

class BackendVersionsTest : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped()) backend().make_cheap_repository();
  }
  /// The objects of the repository below `folder`; those that were removed as well.
  std::vector<std::string> Objects(const std::string& folder, Radosgw::Versions versions) {
    auto objects = (*Radosgw::Shared())->Objects(Bucket(), versions);
    std::erase_if(objects,
                  [&](const std::string& name) { return !name.starts_with("r/" + folder + "/"); });
    return objects;
  }

 private:
  std::string Bucket() {
    const std::string path = backend().url.substr(0, backend().url.rfind('/'));
    return path.substr(path.rfind('/') + 1);
  }
};

TEST_P(BackendVersionsTest, ForgetAndPruneWorkAndTheOldVersionsStay) {
  constexpr auto kNewest = Radosgw::Versions::kNewest;
  constexpr auto kAll = Radosgw::Versions::kAll;
  Do({"run"});
  const auto packs = Objects("data", kNewest);
  ws().Write("photos/album/a [1].jpg", "retouched");
  Do({"run"});
  Do({"prune"});
  ExpectSound(1);
  EXPECT_THAT(Objects("snapshots", kNewest), SizeIs(kTargets));
  EXPECT_THAT(Objects("snapshots", kAll), SizeIs(2 * kTargets)) << "hidden, not gone";
  EXPECT_THAT(Objects("data", kNewest), Not(IsSupersetOf(packs))) << "prune hid some";
  EXPECT_GT(Objects("data", kAll).size(), Objects("data", kNewest).size());
  EXPECT_THAT(Objects("locks", kNewest), SizeIs(0));
}

INSTANTIATE_TEST_SUITE_P(On, BackendVersionsTest,
                         ::testing::Combine(::testing::Values("s3_versioned"),
                                            ::testing::Values("system", "newest")),
                         BackendName);

}  // namespace
}  // namespace runner::testing
