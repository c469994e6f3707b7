#include "targets/base/listen_address.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(ListenAddress, IsAnAddressAndAPort) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:8787"), (ListenAddress{"127.0.0.1", 8787}));
  EXPECT_EQ(ParseListenAddress("0.0.0.0:0"), (ListenAddress{"0.0.0.0", 0}));
  EXPECT_EQ(ParseListenAddress("[::1]:65535"), (ListenAddress{"::1", 65535}));
  EXPECT_EQ(ParseListenAddress("localhost:80"), (ListenAddress{"127.0.0.1", 80}));
}

TEST(ListenAddress, HasAPortOfItsOwnWithoutOne) {
  EXPECT_EQ(ParseListenAddress("192.168.1.2"), (ListenAddress{"192.168.1.2", 8787}));
  EXPECT_EQ(ParseListenAddress("[::]"), (ListenAddress{"::", 8787}));
}

TEST(ListenAddress, IsNothingElse) {
  for (const char* text :
       {"", "off", "example.org:80", ":8787", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x",
        "127.0.0.1:-1", "::1:80", "[::1", "[::1]80", "[1.2.3.4]", "256.0.0.1:1", "127.0.0.1:80 "}) {
    EXPECT_FALSE(ParseListenAddress(text)) << text;
  }
}

TEST(ListenAddress, ReadsWhatItWrites) {
  for (const char* text : {"127.0.0.1:8787", "[::1]:80"}) {
    EXPECT_EQ(FormatListenAddress(*ParseListenAddress(text)), text);
  }
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
  EXPECT_TRUE(IsLoopback(*ParseListenAddress("127.1.2.3")));
  EXPECT_TRUE(IsLoopback(*ParseListenAddress("[::1]")));
  EXPECT_FALSE(IsLoopback(*ParseListenAddress("0.0.0.0")));
  EXPECT_FALSE(IsLoopback(*ParseListenAddress("192.168.0.1")));
}

}  // namespace
}  // namespace targets
