// E-mail to a real SMTP server, with and without TLS.
#include <Poco/Net/ServerSocket.h>

#include "tests/integration/notify_fixture.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class NotifyMailTest : public NotifyTest {
 protected:
  NotifyMailTest() { ws_.Set("SSL_CERT_FILE", ca_.ca_file); }

  SmtpServer Serve(const std::string& mode) {
    const bool tls = mode != "none";
    return {ws_, mode, tls ? ca_.leaf_file : "", tls ? ca_.leaf_key_file : ""};
  }
  void Mail(std::uint16_t port, const std::string& more, const std::string& to = "me@example.com") {
    Configure("  mail:\n    kind: email\n    host: localhost\n    port: " + std::to_string(port) +
              "\n    from: backup@example.com\n    to: [" + to + "]\n    timeout: 20s\n" + more);
  }

  const b2::TestCa ca_ = b2::MakeTestCa(ws_.Path("ca")).value();
  const std::string login_ = "    user: runner\n    password: geheim77\n";
};

TEST_F(NotifyMailTest, GoesOutUnderStartTls) {
  const SmtpServer server = Serve("starttls");
  Mail(server.port(), login_, "me@example.com, you@example.com");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  const std::string mail = server.Mail(1);
  EXPECT_THAT(mail, HasSubstr("RCPT me@example.com you@example.com\nTLS True\n"));
  EXPECT_THAT(mail, HasSubstr("Subject: [test] test message\n"));
  EXPECT_THAT(mail, HasSubstr("From: backup@example.com\n"));
  EXPECT_THAT(mail, HasSubstr("Nothing has happened."));
}

TEST_F(NotifyMailTest, GoesOutUnderTlsFromTheFirstByte) {
  const SmtpServer server = Serve("tls");
  Mail(server.port(), login_ + "    security: tls\n");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(server.Mail(1), HasSubstr("TLS True\n"));
}

TEST_F(NotifyMailTest, GoesOutPlainOnlyIfThatIsWanted) {
  const SmtpServer server = Serve("none");
  Mail(server.port(), "");
  const Ran refused = Test();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("offers no STARTTLS"));
  EXPECT_EQ(server.Mail(1), "");
  Mail(server.port(), "    security: none\n");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(server.Mail(1), HasSubstr("TLS False\n"));
}

TEST_F(NotifyMailTest, GivesNothingToAServerThatNobodyVouchesFor) {
  ws_.Set("SSL_CERT_FILE", "");
  const SmtpServer server = Serve("starttls");
  Mail(server.port(), login_);
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("the certificate of localhost is not trusted"));
  EXPECT_EQ(server.Mail(1), "");
}

TEST_F(NotifyMailTest, SaysThatThePasswordIsWrongWithoutIt) {
  const SmtpServer server = Serve("starttls");
  Mail(server.port(), "    user: runner\n    password: geheim88\n");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("refuses the mail"));
  EXPECT_THAT(ran.all(), Not(HasSubstr("geheim88")));
}

TEST_F(NotifyMailTest, SaysThatARecipientIsRefused) {
  const SmtpServer server = Serve("starttls");
  Mail(server.port(), login_, "refused@example.com");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("no such user here"));
}

TEST_F(NotifyMailTest, AServerThatSaysNothingCostsTheTimeoutAndNoMore) {
  Poco::Net::ServerSocket silent(Poco::Net::SocketAddress("127.0.0.1", 0));
  Configure(
      "  mail: {kind: email, host: localhost, port: " + std::to_string(silent.address().port()) +
      ", from: a@example.com, to: [b@example.com], timeout: 1s}\n");
  const auto start = std::chrono::steady_clock::now();
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("did not take the mail within 1 seconds"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace runner::testing
