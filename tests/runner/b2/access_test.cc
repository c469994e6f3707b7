#include "runner/b2/access.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::B2Address;
using targets::Secret;

const B2Address kNative{.bucket = "vault"};
const B2Address kS3{targets::B2Interface::kS3, "us-west-004", "vault", ""};

class B2Access : public ::testing::Test {
 protected:
  /// "id:key", or "none".
  std::string Found(const B2Address& address) {
    const bool s3 = address.interface == targets::B2Interface::kS3;
    config_.repository.url = s3 ? "s3:https://s3.us-west-004.backblazeb2.com/vault" : "b2:vault";
    const auto key = B2KeyOf(config_, address, secrets_, environment_);
    return key ? key->id + ":" + key->key.Expose() : "none";
  }
  targets::Config config_;
  ResolvedSecrets secrets_;
  std::map<std::string, std::string> environment_;
};

TEST_F(B2Access, IsWhatResticWillUse) {
  EXPECT_EQ(Found(kNative), "none");
  environment_ = {{"B2_ACCOUNT_ID", "e"}, {"B2_ACCOUNT_KEY", "f"}};
  EXPECT_EQ(Found(kNative), "e:f");
  EXPECT_EQ(Found(kS3), "none");
  secrets_.b2_account_id = Secret("i");
  secrets_.b2_account_key = Secret("k");
  EXPECT_EQ(Found(kNative), "i:k");
  EXPECT_EQ(Found(kS3), "i:k");
  config_.repository.environment = {{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}};
  EXPECT_EQ(Found(kNative), "i:k");
  EXPECT_EQ(Found(kS3), "a:b");
}

TEST_F(B2Access, NeedsBothHalves) {
  environment_ = {{"B2_ACCOUNT_ID", "e"}};
  EXPECT_EQ(Found(kNative), "none");
  environment_ = {{"B2_ACCOUNT_ID", "e"}, {"B2_ACCOUNT_KEY", ""}};
  EXPECT_EQ(Found(kNative), "none");
}

TEST_F(B2Access, GoesTheWayOfRestic) {
  config_.repository.environment = {{"HTTPS_PROXY", "http://inner:1"}};
  const auto environment =
      NetworkEnvironment(config_, {{"HTTPS_PROXY", "http://outer:1"}, {"NO_PROXY", "x"}});
  EXPECT_EQ(environment.at("HTTPS_PROXY"), "http://inner:1");
  EXPECT_EQ(environment.at("NO_PROXY"), "x");
  EXPECT_FALSE(environment.contains("SSL_CERT_FILE"));
  config_.repository.environment["RESTIC_CACERT"] = "/ca.pem";
  EXPECT_EQ(NetworkEnvironment(config_, {{"SSL_CERT_FILE", "/other"}}).at("SSL_CERT_FILE"),
            "/ca.pem");
}

}  // namespace
}  // namespace runner
