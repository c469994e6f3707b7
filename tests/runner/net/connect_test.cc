#include "runner/net/connect.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <gtest/gtest.h>

#include <future>

namespace runner {
namespace {

using Addresses = std::vector<Poco::Net::IPAddress>;

/// A server of names that answers when the test ends.
class DeadResolver {
 public:
  DeadResolver() : answer_(promise_.get_future().share()) {}
  ~DeadResolver() { promise_.set_value({}); }
  DeadResolver(const DeadResolver&) = delete;
  DeadResolver& operator=(const DeadResolver&) = delete;

  Resolver Resolve() const {
    return [answer = answer_](const std::string&) { return answer.get(); };
  }

 private:
  std::promise<Addresses> promise_;
  std::shared_future<Addresses> answer_;
};

NetLimits Until(std::chrono::seconds from_now) {
  return {.deadline = std::chrono::steady_clock::now() + from_now};
}

constexpr std::chrono::hours kLong{1};

TEST(ResolveHost, GivesWhatTheResolverGives) {
  const Addresses addresses = {Poco::Net::IPAddress("192.0.2.1")};
  EXPECT_EQ(ResolveHost("a.example", Until(kLong), {},
                        [&](const std::string& host) {
                          return host == "a.example" ? addresses : Addresses{};
                        }),
            addresses);
}

TEST(ResolveHost, PassesOnWhyThereIsNone) {
  const Resolver resolver = [](const std::string& host) -> Addresses {
    throw Poco::Net::HostNotFoundException(host);
  };
  EXPECT_THROW(ResolveHost("a.example", Until(kLong), {}, resolver),
               Poco::Net::HostNotFoundException);
}

TEST(ResolveHost, LeavesAResolverBehindThatDoesNotAnswerInTime) {
  const DeadResolver dead;
  EXPECT_THROW(ResolveHost("a.example", Until(std::chrono::seconds(-1)), {}, dead.Resolve()),
               Poco::TimeoutException);
}

TEST(ResolveHost, LeavesAResolverBehindWhenItIsStopped) {
  const DeadResolver dead;
  EXPECT_THROW(ResolveHost(
                   "a.example", Until(kLong), [] { return true; }, dead.Resolve()),
               Poco::TimeoutException);
}

}  // namespace
}  // namespace runner
