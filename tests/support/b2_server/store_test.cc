#include "tests/support/b2_server/store.h"

#include <gmock/gmock.h>

#include "tests/support/b2_server/message.h"

namespace runner::testing::b2 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : bucket_(store_.AddBucket("bucket", {})->id) {}

  FileVersion Put(const std::string& name, const std::string& content = "x") {
    return *store_.Upload(bucket_, {.name = name,
                                    .content = std::make_shared<const std::string>(content),
                                    .sha1 = Sha1Hex(content)});
  }
  Part PartOf(int number, const std::string& content) {
    return {.number = number,
            .sha1 = Sha1Hex(content),
            .content = std::make_shared<const std::string>(content)};
  }
  static std::vector<std::string> Names(const Outcome<Listing>& listing) {
    std::vector<std::string> names;
    for (const FileVersion& version : listing->files) names.push_back(version.name);
    return names;
  }

  std::int64_t now_ = 1000;
  Store store_{[this] { return now_; }};
  std::string bucket_;
};

TEST_F(StoreTest, RefusesABucketNameTwiceAndOneThatIsTooShort) {
  EXPECT_EQ(store_.AddBucket("bucket", {}).error().code, "duplicate_bucket_name");
  EXPECT_EQ(store_.AddBucket("five5", {}).error().code, "bad_request");
  EXPECT_TRUE(store_.AddBucket("six666", {}));
}

TEST_F(StoreTest, UpdatesABucketOnlyAtTheExpectedRevision) {
  BucketSettings settings;
  settings.lifecycle = R"([{"fileNamePrefix":""}])";
  EXPECT_EQ(store_.UpdateBucket(bucket_, settings, 2).error().status, 409);
  EXPECT_EQ(store_.UpdateBucket(bucket_, settings, 1)->revision, 2);
  EXPECT_EQ(store_.FindBucket(bucket_)->settings.lifecycle, settings.lifecycle);
}

TEST_F(StoreTest, RemovesABucketOnlyWhenItIsEmpty) {
  const FileVersion file = Put("a");
  EXPECT_EQ(store_.RemoveBucket(bucket_).error().code, "cannot_delete_non_empty_bucket");
  ASSERT_TRUE(store_.Delete("a", file.id));
  EXPECT_TRUE(store_.RemoveBucket(bucket_));
  EXPECT_EQ(store_.FindBucket(bucket_).error().code, "bad_bucket_id");
}

TEST_F(StoreTest, KeepsEveryVersionAndShowsTheNewest) {
  const FileVersion old = Put("a", "one");
  Put("a", "two");
  EXPECT_EQ(*store_.Visible(bucket_, "a")->content, "two");
  EXPECT_EQ(*store_.Version(old.id)->content, "one");
  EXPECT_THAT(Names(store_.ListVersions(bucket_, {})), ElementsAre("a", "a"));
  EXPECT_THAT(Names(store_.ListNames(bucket_, {})), ElementsAre("a"));
}

TEST_F(StoreTest, AHideMarkerHidesAndItsDeletionShowsAgain) {
  Put("a");
  const FileVersion marker = *store_.Hide(bucket_, "a");
  EXPECT_EQ(store_.Visible(bucket_, "a").error().status, 404);
  EXPECT_THAT(Names(store_.ListNames(bucket_, {})), IsEmpty());
  EXPECT_EQ(store_.ListVersions(bucket_, {})->files.front().action, Action::kHide);
  EXPECT_FALSE(store_.Hide(bucket_, "a"));
  ASSERT_TRUE(store_.Delete("a", marker.id));
  EXPECT_TRUE(store_.Visible(bucket_, "a"));
}

TEST_F(StoreTest, DeletesOnlyWhereNameAndIdBelongTogether) {
  const FileVersion file = Put("a");
  EXPECT_EQ(store_.Delete("b", file.id).error().code, "file_not_present");
  EXPECT_TRUE(store_.Delete("a", file.id));
  EXPECT_EQ(store_.Delete("a", file.id).error().code, "file_not_present");
  EXPECT_EQ(store_.Version(file.id).error().status, 404);
}

TEST_F(StoreTest, ListsInTheOrderOfBytes) {
  for (const char* name : {"ü", "b", "a/b", "a", "B", "a-"}) Put(name);
  EXPECT_THAT(Names(store_.ListNames(bucket_, {})), ElementsAre("B", "a", "a-", "a/b", "b", "ü"));
}

TEST_F(StoreTest, ListsBelowAPrefixPageByPage) {
  for (const char* name : {"q", "r/1", "r/2", "r/3", "s"}) Put(name);
  const Listing first = *store_.ListNames(bucket_, {.prefix = "r/", .max = 2});
  EXPECT_THAT(Names(first), ElementsAre("r/1", "r/2"));
  ASSERT_TRUE(first.next);
  EXPECT_EQ(first.next->name, "r/3");
  const Listing second =
      *store_.ListNames(bucket_, {.prefix = "r/", .start_name = "r/3", .max = 2});
  EXPECT_THAT(Names(second), ElementsAre("r/3"));
  EXPECT_FALSE(second.next);
}

TEST_F(StoreTest, AFullLastPageHasNoNext) {
  Put("a");
  Put("b");
  EXPECT_FALSE(store_.ListNames(bucket_, {.max = 2})->next);
  EXPECT_TRUE(store_.ListNames(bucket_, {.max = 1})->next);
}

TEST_F(StoreTest, PagesThroughTheVersionsOfOneName) {
  const FileVersion oldest = Put("a");
  Put("a");
  Put("a");
  const Listing first = *store_.ListVersions(bucket_, {.max = 2});
  ASSERT_TRUE(first.next);
  EXPECT_EQ(first.next->id, oldest.id);
  const Listing second =
      *store_.ListVersions(bucket_, {.start_name = "a", .start_id = oldest.id, .max = 2});
  ASSERT_EQ(second.files.size(), 1U);
  EXPECT_EQ(second.files.front().id, oldest.id);
  EXPECT_FALSE(store_.ListVersions(bucket_, {.start_id = oldest.id}));
}

TEST_F(StoreTest, ADelimiterFoldsFoldersIntoOneEntry) {
  for (const char* name : {"a", "d/1", "d/2", "d/e/3", "e"}) Put(name);
  const Listing listing = *store_.ListNames(bucket_, {.delimiter = "/"});
  EXPECT_THAT(Names(listing), ElementsAre("a", "d/", "e"));
  EXPECT_EQ(listing.files[1].action, Action::kFolder);
  EXPECT_THAT(Names(store_.ListNames(bucket_, {.prefix = "d/", .delimiter = "/"})),
              ElementsAre("d/1", "d/2", "d/e/"));
}

TEST_F(StoreTest, ALargeFileIsVisibleOnlyOnceItIsFinished) {
  const FileVersion large = *store_.StartLarge(bucket_, {.name = "big"});
  EXPECT_THAT(Names(store_.ListNames(bucket_, {})), IsEmpty());
  EXPECT_EQ(store_.ListVersions(bucket_, {})->files.front().action, Action::kStart);
  ASSERT_TRUE(store_.AddPart(large.id, PartOf(2, "two")));
  ASSERT_TRUE(store_.AddPart(large.id, PartOf(1, "wrong")));
  ASSERT_TRUE(store_.AddPart(large.id, PartOf(1, "one")));
  EXPECT_EQ(store_.Parts(large.id)->size(), 2U);
  ASSERT_TRUE(store_.FinishLarge(large.id, {Sha1Hex("one"), Sha1Hex("two")}));
  EXPECT_EQ(*store_.Visible(bucket_, "big")->content, "onetwo");
  EXPECT_EQ(store_.Visible(bucket_, "big")->id, large.id);
  EXPECT_FALSE(store_.AddPart(large.id, PartOf(3, "late")));
}

TEST_F(StoreTest, FinishesOnlyWithAllPartsAndTheirHashes) {
  const FileVersion large = *store_.StartLarge(bucket_, {.name = "big"});
  EXPECT_FALSE(store_.FinishLarge(large.id, {}));
  ASSERT_TRUE(store_.AddPart(large.id, PartOf(2, "two")));
  EXPECT_FALSE(store_.FinishLarge(large.id, {Sha1Hex("two")})) << "part 1 is missing";
  ASSERT_TRUE(store_.AddPart(large.id, PartOf(1, "one")));
  EXPECT_FALSE(store_.FinishLarge(large.id, {Sha1Hex("one"), Sha1Hex("other")}));
  EXPECT_FALSE(store_.AddPart(large.id, PartOf(0, "zero")));
  EXPECT_FALSE(store_.AddPart(large.id, PartOf(10001, "many")));
}

TEST_F(StoreTest, ACancelledOrDeletedLargeFileIsGone) {
  Put("visible");
  const FileVersion cancelled = *store_.StartLarge(bucket_, {.name = "big"});
  const FileVersion deleted = *store_.StartLarge(bucket_, {.name = "big"});
  EXPECT_EQ(store_.Unfinished(bucket_)->size(), 2U);
  EXPECT_TRUE(store_.CancelLarge(cancelled.id));
  EXPECT_TRUE(store_.Delete("big", deleted.id));
  EXPECT_THAT(*store_.Unfinished(bucket_), IsEmpty());
  EXPECT_FALSE(store_.CancelLarge(cancelled.id));
}

}  // namespace
}  // namespace runner::testing::b2
