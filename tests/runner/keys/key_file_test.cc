#include "runner/keys/key_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "runner/keys/crypto.h"

namespace runner {
namespace {

using targets::Secret;

std::string TestData(const std::string& name) {
  std::ifstream file(std::string(KEY_TESTDATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

MasterKey AnyMasterKey() { return ParseMasterKey(TestData("restic-014.master.json")).value(); }

KeyFile AnyKeyFile(const Secret& password) {
  return SealMasterKey(AnyMasterKey(), password,
                       {"runner-machine-key", "server1", targets::FromUnixSeconds(1'800'000'000)},
                       {std::string(64, 's'), std::string(16, 'n')})
      .value();
}

/// Keys that restic itself made, the oldest release that is driven and the newest.
class KeysOfRestic : public ::testing::TestWithParam<const char*> {
 protected:
  std::string Part(const char* part) { return TestData(std::string(GetParam()) + part); }
};

TEST_P(KeysOfRestic, AreOpened) {
  const auto master = OpenKeyFile(Part(".key.json"), Secret(Part(".password.txt")));
  ASSERT_TRUE(master) << master.error().message;
  EXPECT_EQ(*master, ParseMasterKey(Part(".master.json")).value());
}

TEST_P(KeysOfRestic, StayShutForAnotherPassword) {
  EXPECT_FALSE(OpenKeyFile(Part(".key.json"), Secret(Part(".password.txt") + "x")));
}

INSTANTIATE_TEST_SUITE_P(Releases, KeysOfRestic, ::testing::Values("restic-014", "restic-019"),
                         [](const auto& instance) {
                           return std::string(instance.param).substr(7);
                         });

TEST(KeyFile, OpensWithItsPasswordAndNoOther) {
  const KeyFile file = AnyKeyFile(Secret("sesame"));
  EXPECT_EQ(OpenKeyFile(file.content, Secret("sesame")).value(), AnyMasterKey());
  EXPECT_FALSE(OpenKeyFile(file.content, Secret("sesam")));
}

TEST(KeyFile, IsNamedByItsContent) {
  const KeyFile file = AnyKeyFile(Secret("sesame"));
  EXPECT_EQ(file.id, Sha256Hex(file.content).value());
  EXPECT_EQ(file, AnyKeyFile(Secret("sesame")));
}

TEST(KeyFile, HoldsNeitherThePasswordNorTheMasterKeyInTheOpen) {
  const KeyFile file = AnyKeyFile(Secret("sesame"));
  EXPECT_EQ(file.content.find("sesame"), std::string::npos);
  EXPECT_EQ(file.content.find(AnyMasterKey().encrypt.Expose()), std::string::npos);
}

TEST(KeyFile, WithOneChangedByteStaysShut) {
  const std::string content = AnyKeyFile(Secret("sesame")).content;
  for (std::size_t i = content.find("\"salt\":\"") + 8; i + 2 < content.size(); i += 7) {
    std::string changed = content;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(OpenKeyFile(changed, Secret("sesame"))) << i;
  }
}

TEST(KeyFile, CutOffAnywhereIsNoKey) {
  const std::string content = AnyKeyFile(Secret("sesame")).content;
  for (std::size_t size = 0; size < content.size(); ++size)
    EXPECT_FALSE(OpenKeyFile(content.substr(0, size), Secret("sesame"))) << size;
}

TEST(KeyFile, OfAbsurdCostIsRefusedAtOnce) {
  const auto key = [](const char* cost) {
    return OpenKeyFile(std::string(R"({"kdf":"scrypt","salt":"YWJj","data":"YWJj",)") + cost + "}",
                       Secret("a"));
  };
  EXPECT_FALSE(key(R"("N":1048577,"r":1,"p":1)"));
  EXPECT_FALSE(key(R"("N":1048576,"r":8,"p":9)"));
  EXPECT_FALSE(key(R"("N":4294967295,"r":4294967295,"p":4294967295)"));
  EXPECT_FALSE(key(R"("N":-2,"r":1,"p":1)"));
  EXPECT_FALSE(OpenKeyFile(R"({"kdf":"argon2"})", Secret("a")));
  EXPECT_FALSE(OpenKeyFile(std::string(1'000'000, '['), Secret("a")));
}

TEST(MasterKey, WithPartsOfAnotherLengthIsNone) {
  EXPECT_FALSE(ParseMasterKey(R"({"mac":{"k":"YQ==","r":"YQ=="},"encrypt":"YQ=="})"));
  EXPECT_FALSE(ParseMasterKey("{}"));
  EXPECT_FALSE(ParseMasterKey(R"({"mac":1,"encrypt":2})"));
  EXPECT_FALSE(ParseMasterKey("no JSON"));
}

TEST(Password, IsTwoHundredAndFiftySixRandomBits) {
  const Secret password = DrawPassword().value();
  EXPECT_EQ(password.Expose().size(), 64U);
  EXPECT_NE(password, DrawPassword().value());
}

}  // namespace
}  // namespace runner
