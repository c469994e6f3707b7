// S3 buckets that are missing, and those that keep what is removed as an old version, as B2's do.
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

class S3BucketTest : public BackendTest {
 protected:
  /// The objects of the repository below `folder`; those that were removed as well.
  std::vector<std::string> Objects(const std::string& folder, Radosgw::Versions versions) {
    auto objects = (*Radosgw::Shared())->Objects(Bucket(), versions);
    std::erase_if(objects,
                  [&](const std::string& name) { return !name.starts_with("r/" + folder + "/"); });
    return objects;
  }

  std::string Bucket() {
    const std::string path = backend().url.substr(0, backend().url.rfind('/'));
    return path.substr(path.rfind('/') + 1);
  }
};

TEST_P(S3BucketTest, ForgetAndPruneWorkAndTheOldVersionsStay) {
  backend().make_cheap_repository();
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

/// It may be a slip of the pen. Not with the newest restic: that asks again for a quarter of an
/// hour.
class S3MissingBucketTest : public S3BucketTest {};

TEST_P(S3MissingBucketTest, IsNotMade) {
  std::string config = ws().Read("backup.yaml");
  const std::string bucket = "/" + Bucket() + "/";
  config.replace(config.find(bucket), bucket.size(), "/nowhere/");
  ws().Write("backup.yaml", config);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_THAT(run.all(), HasSubstr("check the bucket's name in repository.url"));
  EXPECT_EQ(Status("photos", "backup"), "BLOCKED");
}

INSTANTIATE_TEST_SUITE_P(On, S3BucketTest,
                         ::testing::Combine(::testing::Values("s3_versioned"),
                                            ::testing::Values("system", "newest")),
                         BackendName);

INSTANTIATE_TEST_SUITE_P(On, S3MissingBucketTest, ::testing::Values(std::tuple("s3", "system")),
                         BackendName);

}  // namespace
}  // namespace runner::testing
