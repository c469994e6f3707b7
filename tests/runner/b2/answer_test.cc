#include "runner/b2/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPath = "/state/b2_account.json";

B2Answer Full() {
  B2Answer answer{
      KeyMark("id"), "b2:vault:host", targets::FromUnixSeconds(1'800'000'000), {}, {}, {}};
  answer.account = {.version = 3,
                    .account_id = "acc",
                    .api_url = "https://api",
                    .s3_api_url = "https://s3",
                    .capabilities = {"listFiles", "readFiles"},
                    .buckets = {{{"1", "vault"}, {"2", ""}}},
                    .name_prefix = "host/",
                    .expires = targets::FromUnixSeconds(1'900'000'000)};
  answer.listed = targets::FromUnixSeconds(1'800'003'600);
  answer.buckets = {{"vault", "allPrivate", {{"", std::nullopt, 1}, {"a\"b", 7, std::nullopt}}}};
  return answer;
}

TEST(B2Answer, IsReadAsItWasWritten) {
  EXPECT_EQ(B2AnswerFromJson(ToJson(Full())).value(), Full());
  B2Answer little = Full();
  little.account.buckets.reset();
  little.account.expires.reset();
  little.listed.reset();
  little.buckets.clear();
  EXPECT_EQ(B2AnswerFromJson(ToJson(little)).value(), little);
  little.account.buckets.emplace();
  EXPECT_EQ(B2AnswerFromJson(ToJson(little)).value(), little) << "bound to none is not unbound";
}

TEST(B2Answer, NeverHoldsTheToken) {
  B2Answer answer = Full();
  answer.account.token = targets::Secret("very-secret");
  EXPECT_THAT(ToJson(answer), Not(HasSubstr("very-secret")));
}

TEST(B2Answer, KnowsAKeyByItsMarkAlone) {
  EXPECT_EQ(KeyMark("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(KeyMark("abc"), KeyMark("abd"));
}

TEST(B2Answer, IsRefusedIfAnythingIsWrong) {
  const std::string good = ToJson(Full());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), good.substr(0, good.size() / 2),
        replaced("\"version\": 1", "\"version\": 2"), replaced("\"asked\"", "\"askad\""),
        replaced("2027-01-15T08:00:00Z", "yesterday"), replaced("\"listFiles\"", "7"),
        replaced("\"buckets\": [", "\"buckats\": ["),
        replaced("\"days_to_deleting\": 1", "\"days_to_deleting\": -1")})
    EXPECT_FALSE(B2AnswerFromJson(bad)) << bad;
}

TEST(B2AnswerStore, KeepsItForTheOwnerAlone) {
  testing::MemoryFileSystem files;
  files.AddFolder("/state");
  const B2AnswerStore store(files, kPath);
  EXPECT_EQ(store.Read(), std::nullopt);
  ASSERT_TRUE(store.Write(Full()));
  EXPECT_EQ(store.Read(), Full());
  EXPECT_EQ(files.Stat(kPath, LinkHandling::kFollow).value()->mode, 0600U);
  files.AddFile(kPath, "damaged");
  EXPECT_EQ(store.Read(), std::nullopt);
}

}  // namespace
}  // namespace runner
