#include "runner/state/fact_store.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::TargetId;
using testing::MemoryFileSystem;

const TargetId kPhotos("photos");
constexpr const char* kFile = "/state/targets/photos/facts.json";

TargetFacts SomeFacts() {
  TargetFacts facts;
  facts.first_seen = FromUnixSeconds(1'700'000'000);
  facts.snapshots_seen = 12;
  facts.newest_good = GoodSnapshot{.id = targets::SnapshotId("4ab9"),
                                   .time = FromUnixSeconds(1'800'000'000),
                                   .files = 3,
                                   .bytes = 5'000'000'000};
  facts.newest_proven = targets::SnapshotId("5bc0");
  facts.quarantined = {{{targets::SnapshotId("6cd1"), FromUnixSeconds(1'800'000'001), 1, 2},
                        targets::SnapshotId("7de2"),
                        "it lost 51 % of the files"},
                       {{targets::SnapshotId("8ef3"), FromUnixSeconds(1'800'000'002), 3, 4},
                        targets::SnapshotId("8ef3"),
                        "it lost 52 % of the files"}};
  facts.incomplete_in_a_row = 2;
  facts.decisions["restore"] = "proven none: started \"empty\"";
  return facts;
}

class FactStoreTest : public ::testing::Test {
 protected:
  FactStoreTest() { EXPECT_TRUE(folder_.Prepare(FromUnixSeconds(0))); }

  MemoryFileSystem files_;
  StateFolder folder_{files_, "/state"};
  FactStore store_{files_, folder_};
};

TEST_F(FactStoreTest, ReadsBackWhatItWrote) {
  ASSERT_TRUE(store_.WriteTarget(kPhotos, SomeFacts()));
  EXPECT_EQ(store_.ReadTarget(kPhotos).value(), SomeFacts());

  RepositoryFacts repository{.snapshots_listed = 7,
                             .listed_at = FromUnixSeconds(9),
                             .all_listed = 20,
                             .stored_bytes = 12,
                             .locks = 3,
                             .next_check_part = 4,
                             .decisions = {}};
  ASSERT_TRUE(store_.UpdateRepository([&](RepositoryFacts& facts) { facts = repository; }));
  EXPECT_EQ(store_.ReadRepository().value(), repository);

  DaemonFacts daemon{
      .pid = 1, .started = FromUnixSeconds(5), .next_wakeup = FromUnixSeconds(65), .stopped = {}};
  ASSERT_TRUE(store_.WriteDaemon(daemon));
  EXPECT_EQ(store_.ReadDaemon().value(), daemon);
  daemon.next_wakeup.reset();
  daemon.stopped = FromUnixSeconds(70);
  ASSERT_TRUE(store_.WriteDaemon(daemon));
  EXPECT_EQ(store_.ReadDaemon().value(), daemon);
}

TEST_F(FactStoreTest, WhatIsNotThereIsNew) {
  EXPECT_EQ(store_.ReadTarget(kPhotos).value(), TargetFacts{});
  EXPECT_EQ(store_.ReadRepository().value(), RepositoryFacts{});
  EXPECT_EQ(store_.ReadDaemon().value(), std::nullopt);
  EXPECT_EQ(store_.PinnedRepositoryId().value(), std::nullopt);
}

TEST_F(FactStoreTest, DamagedFactsAreAnErrorNotNew) {
  for (const char* text : {"",
                           "{",
                           "[]",
                           "null",
                           "{\"version\":1} x",
                           "{}",
                           "{\"version\":0}",
                           "{\"version\":\"1\"}",
                           "{\"version\":1,\"snapshots_seen\":-1}",
                           "{\"version\":1,\"snapshots_seen\":\"many\"}",
                           "{\"version\":1,\"first_seen\":\"yesterday\"}",
                           "{\"version\":1,\"first_seen\":17}",
                           "{\"version\":1,\"newest_good\":[]}",
                           "{\"version\":1,\"newest_good\":{}}",
                           "{\"version\":1,\"quarantined\":{}}",
                           "{\"version\":1,\"quarantined\":[{}]}",
                           "{\"version\":1,\"quarantined\":[7]}",
                           "{\"version\":1,\"newest_proven\":7}",
                           "{\"version\":1,\"newest_proven\":\"\"}",
                           "{\"version\":1,\"decisions\":[]}",
                           "{\"version\":1,\"decisions\":{\"restore\":1}}",
                           "{\"version\":1,\"incomplete_in_a_row\":-3}"}) {
    files_.AddFile(kFile, text);
    const auto facts = store_.ReadTarget(kPhotos);
    ASSERT_FALSE(facts) << text;
    EXPECT_NE(facts.error().message.find(kFile), std::string::npos);
    EXPECT_FALSE(facts.error().hint.empty());
  }
}

TEST_F(FactStoreTest, ANewerFormatIsRefusedAndUnknownMembersAreIgnored) {
  files_.AddFile(kFile, "{\"version\":2}");
  EXPECT_NE(store_.ReadTarget(kPhotos).error().message.find("version 2"), std::string::npos);
  files_.AddFile(kFile,
                 "{\"version\":1,\"later\":[1],\"snapshots_seen\":3,\"jobs\":{\"later\":{}}}");
  EXPECT_EQ(store_.ReadTarget(kPhotos).value().snapshots_seen, 3U);
}

TEST_F(FactStoreTest, AChangeOfATargetsFactsKeepsTheOthers) {
  ASSERT_TRUE(store_.UpdateTarget(kPhotos, [](TargetFacts& facts) { facts.snapshots_seen = 3; }));
  ASSERT_TRUE(
      store_.UpdateTarget(kPhotos, [](TargetFacts& facts) { facts.decisions["restore"] = "new"; }));
  EXPECT_EQ(store_.ReadTarget(kPhotos).value().snapshots_seen, 3U);
  files_.SetFull(true);
  EXPECT_TRUE(store_.UpdateTarget(kPhotos, [](TargetFacts&) {})) << "nothing is written";
  EXPECT_FALSE(store_.UpdateTarget(kPhotos, [](TargetFacts& facts) { facts.snapshots_seen = 4; }));
  files_.AddFile(kFile, "{");
  EXPECT_FALSE(store_.UpdateTarget(kPhotos, [](TargetFacts&) {})) << "damage is not written over";
}

TEST_F(FactStoreTest, AChangeOfTheRepositorysFactsKeepsTheOthers) {
  ASSERT_TRUE(store_.UpdateRepository([](RepositoryFacts& facts) { facts.all_listed = 9; }));
  ASSERT_TRUE(store_.UpdateRepository([](RepositoryFacts& facts) { facts.next_check_part = 2; }));
  EXPECT_EQ(store_.ReadRepository().value().all_listed, 9U);
  files_.SetFull(true);
  EXPECT_TRUE(store_.UpdateRepository([](RepositoryFacts&) {})) << "nothing is written";
  EXPECT_FALSE(store_.UpdateRepository([](RepositoryFacts& facts) { facts.all_listed = 1; }));
  EXPECT_EQ(store_.ReadRepository().value().all_listed, 9U);
}

TEST_F(FactStoreTest, ManyThreadsLoseNoChangeOfTheRepositorysFacts) {
  const FactStore store(files_, folder_, [](std::chrono::milliseconds) {
    std::this_thread::yield();  // the others are about to finish
  });
  const auto add = [&store] {
    for (int i = 0; i < 25;) {
      if (store.UpdateRepository([](RepositoryFacts& facts) { ++facts.all_listed; })) ++i;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(add);
  }
  EXPECT_EQ(store.ReadRepository().value().all_listed, 100U);
}

TEST_F(FactStoreTest, AnotherProcessWithTheRepositorysFactsIsWaitedForButNotForEver) {
  std::unique_ptr<FileLock> other =
      files_.TryLock("/state/repository/facts.lock", LockMode::kExclusive).value();
  std::chrono::milliseconds waited{0};
  std::chrono::milliseconds until{1000};
  const FactStore store(files_, folder_, [&](std::chrono::milliseconds time) {
    waited += time;
    if (waited >= until) other.reset();
  });
  const auto change = [](RepositoryFacts& facts) { ++facts.all_listed; };
  EXPECT_TRUE(store.UpdateRepository(change));
  EXPECT_EQ(waited, until);

  other = files_.TryLock("/state/repository/facts.lock", LockMode::kExclusive).value();
  waited = {};
  until = std::chrono::hours(1);
  const auto refused = store.UpdateRepository(change);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("facts.lock is held"), std::string::npos);
  EXPECT_LE(waited, std::chrono::seconds(5));
  EXPECT_EQ(store.ReadRepository().value().all_listed, 1U);
}

TEST_F(FactStoreTest, DamagedFactsOfTheRepositoryAreNotWrittenOver) {
  files_.AddFile("/state/repository/facts.json", "{");
  EXPECT_FALSE(store_.UpdateRepository([](RepositoryFacts& facts) { facts.all_listed = 1; }));
  EXPECT_EQ(files_.Read("/state/repository/facts.json", 10).value(), "{");
}

TEST_F(FactStoreTest, ADeeplyNestedFileDoesNotExhaustTheStack) {
  files_.AddFile(kFile, std::string(500'000, '['));
  EXPECT_FALSE(store_.ReadTarget(kPhotos));
}

TEST_F(FactStoreTest, FactsAreTheOldOrTheNewOnesAfterACrash) {
  for (int step = 1;; ++step) {
    MemoryFileSystem files;
    const StateFolder folder(files, "/state");
    ASSERT_TRUE(folder.Prepare(FromUnixSeconds(0)));
    const FactStore store(files, folder);
    ASSERT_TRUE(store.WriteTarget(kPhotos, SomeFacts()));
    TargetFacts changed = SomeFacts();
    changed.snapshots_seen = 13;
    files.StopBeforeStep(step);
    (void)store.WriteTarget(kPhotos, changed);
    const bool stopped = files.Stopped();
    files.CrashAndLoseUnsynced();
    const TargetFacts found = store.ReadTarget(kPhotos).value();
    EXPECT_TRUE(found == changed || (stopped && found == SomeFacts())) << step;
    if (!stopped) break;
  }
}

TEST_F(FactStoreTest, ThePinOfARepositoryNeverChangesByItself) {
  const std::string id(64, 'a');
  const std::string other(64, 'b');
  ASSERT_TRUE(store_.PinRepositoryId(id));
  EXPECT_EQ(store_.PinnedRepositoryId().value(), id);
  EXPECT_TRUE(store_.PinRepositoryId(id)) << "again";
  const auto refused = store_.PinRepositoryId(other);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("is pinned"), std::string::npos);
  EXPECT_EQ(store_.PinnedRepositoryId().value(), id);
}

TEST_F(FactStoreTest, OnlyARepositoryIdIsPinned) {
  EXPECT_FALSE(store_.PinRepositoryId(""));
  EXPECT_FALSE(store_.PinRepositoryId(std::string(63, 'a')));
  EXPECT_FALSE(store_.PinRepositoryId(std::string(64, 'g')));
  files_.AddFile("/state/repository/id", std::string(64, 'a') + "\r\n\n");
  EXPECT_EQ(store_.PinnedRepositoryId().value(), std::string(64, 'a'));
  files_.AddFile("/state/repository/id", "");
  EXPECT_FALSE(store_.PinnedRepositoryId());
  EXPECT_FALSE(store_.PinRepositoryId(std::string(64, 'a')));
}

}  // namespace
}  // namespace runner
