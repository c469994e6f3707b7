#include "runner/keys/crypto.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

TEST(Crypto, MakesTheTagsOfPoly1305AesThatItsPaperLists) {
  EXPECT_EQ(Hex(Poly1305Aes(Bytes("ec074c835580741701425b623235add6"),
                            Bytes("851fc40c3467ac0be05cc20404f3f700"),
                            Bytes("fb447350c4e868c52ac3275cf9d4327e"), Bytes("f3f6"))
                    .value()),
            "f4c633c3044fc145f84f335cb81953de");
  EXPECT_EQ(Hex(Poly1305Aes(Bytes("75deaa25c09f208e1dc4ce6b5cad3fbf"),
                            Bytes("a0f3080000f46400d0c7e9076c834403"),
                            Bytes("61ee09218d29b0aaed7e154a2c5509cc"), "")
                    .value()),
            "dd3fab2251f11ac759f0887129cc2ee7");
}

TEST(Crypto, DerivesWhatTheDocumentOfScryptLists) {
  EXPECT_EQ(Hex(Scrypt("", "", {16, 1, 1}).value()),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
}

TEST(Crypto, RefusesACostThatNobodyCanPay) {
  EXPECT_FALSE(Scrypt("a", "b", {1U << 20, 1024, 1}));
  EXPECT_FALSE(Scrypt("a", "b", {3, 1, 1}));
  EXPECT_FALSE(Scrypt("a", "b", {0, 0, 0}));
}

TEST(Crypto, RefusesKeysOfTheWrongLength) {
  const std::string block(16, 'x');
  EXPECT_FALSE(AesCtr(block, block, "text"));
  EXPECT_FALSE(AesCtr(block + block, "short", "text"));
  EXPECT_FALSE(Poly1305Aes(block, "short", block, "text"));
  EXPECT_FALSE(Poly1305Aes("short", block, block, "text"));
}

TEST(Crypto, ReadsBase64AndNothingElse) {
  EXPECT_EQ(FromBase64("YWJjZA==").value(), "abcd");
  EXPECT_EQ(FromBase64("YWJjZGU=").value(), "abcde");
  EXPECT_EQ(FromBase64("").value(), "");
  for (const char* wrong : {"YWJ", "YW Jj", "YWJj\n", "YW=j", "====", "YWJ*"})
    EXPECT_FALSE(FromBase64(wrong)) << wrong;
}

TEST(Crypto, DrawsAnotherSecretEachTime) {
  EXPECT_EQ(RandomBytes(32)->size(), 32U);
  EXPECT_NE(*RandomBytes(32), *RandomBytes(32));
}

}  // namespace
}  // namespace runner
