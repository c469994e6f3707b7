#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/runner/history/history_fixture.h"

namespace runner {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kPage = 4096;

/// A file of several pages whose log was written back, as a daemon leaves it.
class DamagedHistoryTest : public HistoryFixture {
 protected:
  DamagedHistoryTest() {
    const auto history = OpenAnother();
    for (int i = 0; i < 40; ++i) {
      RunRecord run = FullRun();
      run.tail.assign(10, std::string(200, 'x'));
      EXPECT_TRUE(history->Append(run));
    }
  }

  /// The run is recorded, in the old file or in a new one.
  void ExpectThatARunIsRecorded(const std::string& what) {
    const auto appended = OpenAnother()->Append(RunOf("after", 1'900'000'000));
    ASSERT_TRUE(appended) << what << ": " << appended.error().message;
    EXPECT_EQ(OpenAnother()->Find(appended->id).value().value().target.str(), "after") << what;
    EXPECT_TRUE(OpenAnother()->Select({.limit = 1000})) << what;
  }
};

TEST_F(DamagedHistoryTest, IsSetAsideAndANewOneBegins) {
  Overwrite("this is no database, and it is long enough to be taken for a damaged one");
  const auto appended = OpenAnother()->Append(RunOf("photos", 1));
  ASSERT_TRUE(appended) << appended.error().message;
  const std::string aside =
      fmt::format("{}.damaged-{}", Path(), targets::ToUnixSeconds(clock_.Now()));
  EXPECT_THAT(appended->warning, HasSubstr("the history was damaged"));
  EXPECT_THAT(appended->warning, HasSubstr("set aside as " + aside));
  EXPECT_THAT(Bytes(aside), HasSubstr("this is no database"));
  EXPECT_EQ(TargetsOf(OpenAnother()->Select({})), std::vector<std::string>{"photos"});
}

TEST_F(DamagedHistoryTest, StopsNoRunWhereverItWasTruncated) {
  const std::string whole = Bytes(Path());
  ASSERT_GT(whole.size(), 10 * kPage);
  for (std::size_t length = 0; length < whole.size(); length += 5000) {
    for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
    Overwrite(whole.substr(0, length));
    ExpectThatARunIsRecorded(fmt::format("{} bytes", length));
  }
}

TEST_F(DamagedHistoryTest, StopsNoRunWhicheverPageIsGarbage) {
  const std::string whole = Bytes(Path());
  for (std::size_t page = 0; page < whole.size() / kPage; ++page) {
    for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
    std::string broken = whole;
    broken.replace(page * kPage, kPage, std::string(kPage, '\xaa'));
    Overwrite(broken);
    ExpectThatARunIsRecorded(fmt::format("page {}", page));
  }
}

TEST_F(DamagedHistoryTest, StopsNoRunWhicheverPartOfTheHeaderIsGarbage) {
  const std::string whole = Bytes(Path());
  for (std::size_t byte = 0; byte < 100; byte += 4) {
    if (byte == 60) continue;  // the version: a newer one is no damage
    for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
    std::string broken = whole;
    broken.replace(byte, 4, std::string(4, '\x55'));
    Overwrite(broken);
    ExpectThatARunIsRecorded(fmt::format("byte {}", byte));
  }
}

TEST_F(DamagedHistoryTest, IsNoticedWhenItComesInPlaceOfAnOpenFile) {
  const auto daemon = OpenAnother();
  EXPECT_TRUE(daemon->Append(RunOf("photos", 1)));
  for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
  Overwrite(std::string(20 * kPage, '\xaa'));
  const auto appended = daemon->Append(RunOf("mail", 2));
  ASSERT_TRUE(appended) << appended.error().message;
  EXPECT_THAT(appended->warning, HasSubstr("set aside"));
  EXPECT_EQ(TargetsOf(OpenAnother()->Select({})), std::vector<std::string>{"mail"});
}

TEST_F(DamagedHistoryTest, IsAFileWithoutItsTable) {
  std::vector<Migration> foreign = {{"CREATE TABLE other (id INTEGER)"}};
  for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
  EXPECT_FALSE(OpenAnother(foreign)->Append(RunOf("photos", 1)));
  ExpectThatARunIsRecorded("no table");
}

TEST_F(DamagedHistoryTest, IsLeftToWritersByAReader) {
  const std::string garbage(20 * kPage, '\xaa');
  Overwrite(garbage);
  const auto page = OpenAnother()->Select({});
  ASSERT_FALSE(page);
  EXPECT_THAT(page.error().message, HasSubstr("file is not a database"));
  EXPECT_EQ(page.error().hint, "the next run sets it aside and begins a new one");
  EXPECT_EQ(Bytes(Path()), garbage);
}

TEST_F(DamagedHistoryTest, IsKeptOnlyAFewTimes) {
  for (int i = 0; i < 5; ++i) {
    Overwrite(fmt::format("damage {}: {}", i, std::string(kPage, 'x')));
    clock_.Advance(std::chrono::seconds{1});
    EXPECT_TRUE(OpenAnother()->Append(RunOf("photos", 1)));
  }
  std::vector<std::string> kept;
  for (const std::string& name : Names()) {
    if (name.find(".damaged-") != std::string::npos)
      kept.push_back(Bytes(folder_ + "/" + name).substr(0, 8));
  }
  EXPECT_EQ(kept, (std::vector<std::string>{"damage 2", "damage 3", "damage 4"}));
}

}  // namespace
}  // namespace runner
