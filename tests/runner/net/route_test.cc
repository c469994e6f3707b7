#include "runner/net/route.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using Environment = std::map<std::string, std::string>;

TEST(HttpUrl, IsTakenApart) {
  EXPECT_EQ(ParseHttpUrl("https://api.example.com/a/b?c=d").value(),
            (HttpUrl{true, "api.example.com", 443, "/a/b?c=d"}));
  EXPECT_EQ(ParseHttpUrl("http://127.0.0.1:8080").value(),
            (HttpUrl{false, "127.0.0.1", 8080, "/"}));
  for (const char* bad :
       {"", "api.example.com/x", "ftp://example.com/", "https:///x", "https://a:b/"})
    EXPECT_FALSE(ParseHttpUrl(bad)) << bad;
}

TEST(HttpUrl, IsNotRepeatedInItsError) {
  const auto url = ParseHttpUrl("ftp://user:secret@example.com/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
}

/// "host:port", "none" or "error".
std::string Way(const Environment& environment,
                const std::string& url = "https://api.example.com") {
  const auto proxy = ProxyFor(ParseHttpUrl(url).value(), environment);
  if (!proxy) return "error";
  if (!*proxy) return "none";
  return (*proxy)->host + ":" + std::to_string((*proxy)->port);
}

TEST(HttpProxy, ComesFromTheEnvironment) {
  EXPECT_EQ(Way({}), "none");
  EXPECT_EQ(Way({{"HTTPS_PROXY", ""}}), "none");
  EXPECT_EQ(Way({{"HTTPS_PROXY", "http://proxy:3128"}}), "proxy:3128");
  EXPECT_EQ(Way({{"https_proxy", "http://proxy:3128/"}}), "proxy:3128");
  EXPECT_EQ(Way({{"HTTPS_PROXY", "http://upper:1"}, {"https_proxy", "http://lower:2"}}), "upper:1");
  EXPECT_EQ(Way({{"HTTPS_PROXY", "proxy:3128"}}), "proxy:3128");
  EXPECT_EQ(Way({{"HTTPS_PROXY", "http://proxy"}}), "proxy:80");
  EXPECT_EQ(Way({{"HTTP_PROXY", "http://proxy:1"}}), "none");
  EXPECT_EQ(Way({{"HTTP_PROXY", "http://proxy:1"}}, "http://example.com"), "proxy:1");
}

TEST(HttpProxy, OfAnotherKindIsRefusedWithoutItsPassword) {
  for (const char* proxy :
       {"https://proxy:1", "socks5://user:secret@proxy:1", "http://", "http://a:x"}) {
    const auto found = ProxyFor(HttpUrl{.host = "example.com"}, {{"HTTPS_PROXY", proxy}});
    ASSERT_FALSE(found) << proxy;
    EXPECT_EQ((found.error().message + found.error().hint).find("secret"), std::string::npos);
  }
}

TEST(HttpProxy, GetsItsUserAndPassword) {
  const auto proxy =
      ProxyFor(HttpUrl{.host = "example.com"}, {{"HTTPS_PROXY", "http://user:p%40ss@proxy:1"}});
  ASSERT_TRUE(proxy && *proxy);
  EXPECT_EQ((*proxy)->authorization, "Basic dXNlcjpwQHNz");
}

TEST(HttpProxy, IsNotForExceptedHosts) {
  const auto way = [](const char* exceptions) {
    return Way({{"HTTPS_PROXY", "http://proxy:1"}, {"no_proxy", exceptions}});
  };
  for (const char* excepted : {"*", "example.com", ".example.com", "*.example.com",
                               "API.example.COM", "x, api.example.com", "example.com:443"})
    EXPECT_EQ(way(excepted), "none") << excepted;
  for (const char* other :
       {"", ",", "ample.com", "api.example.com:8443", ".api.example.com", "com.", "."})
    EXPECT_EQ(way(other), "proxy:1") << other;
}

TEST(HttpProxy, IsNeverForThisMachineItself) {
  const Environment environment = {{"HTTPS_PROXY", "http://proxy:1"},
                                   {"HTTP_PROXY", "http://proxy:1"}};
  for (const char* url :
       {"https://localhost:1", "http://127.0.0.1:1", "http://127.1.2.3", "http://[::1]:1"})
    EXPECT_EQ(Way(environment, url), "none") << url;
  EXPECT_EQ(Way(environment, "http://128.0.0.1"), "proxy:1");
}

TEST(TrustedCertificates, AreThoseOfTheEnvironmentOrTheSystem) {
  testing::MemoryFileSystem files;
  EXPECT_EQ(TrustedCertificates({}, files), "");
  files.AddFile("/etc/ssl/cert.pem", "");
  EXPECT_EQ(TrustedCertificates({}, files), "/etc/ssl/cert.pem");
  files.AddFile("/etc/ssl/certs/ca-certificates.crt", "");
  EXPECT_EQ(TrustedCertificates({}, files), "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(TrustedCertificates({{"SSL_CERT_DIR", "/d"}}, files), "/d");
  EXPECT_EQ(TrustedCertificates({{"SSL_CERT_DIR", "/d"}, {"SSL_CERT_FILE", "/f"}}, files), "/f");
}

}  // namespace
}  // namespace runner
