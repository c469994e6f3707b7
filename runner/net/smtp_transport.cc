#include "runner/net/smtp_transport.h"

#include <Poco/Exception.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Timestamp.h>
#include <fmt/format.h>

#include <memory>

#include "runner/net/basic_authorization.h"
#include "runner/net/connect.h"
#include "runner/net/route.h"
#include "runner/net/watchdog.h"
#include "targets/base/text.h"

namespace runner {
namespace {

namespace net = Poco::Net;
using Kind = HttpError::Kind;
using Answer = tl::expected<std::string, HttpError>;
using Security = SmtpRequest::Security;

tl::unexpected<HttpError> Fail(Kind kind, std::string_view message) {
  return tl::unexpected<HttpError>(HttpError{kind, targets::OneLine(message, 300)});
}

/// Adds to Poco's what it does without a host name: TLS on a socket that is connected already.
class Session final : public net::SMTPClientSession {
 public:
  using net::SMTPClientSession::SMTPClientSession;

  /// The answer to STARTTLS, if it is no yes.
  std::string StartTls(const std::string& host, const net::Context::Ptr& context) {
    std::string response;
    if (!isPositiveCompletion(sendCommand("STARTTLS", response))) return response;
    socket() = net::DialogSocket(net::SecureStreamSocket::attach(socket(), host, context));
    return {};
  }

  /// In the way of the two that the server knows.
  void LogIn(const std::string& own_name, const std::string& user, const std::string& password) {
    std::string known;
    sendCommand("EHLO", own_name, known);
    const bool plain = known.find("PLAIN") != std::string::npos;
    if (plain || known.find("LOGIN") == std::string::npos)
      return login(own_name, AUTH_PLAIN, user, password);
    Say("AUTH LOGIN");
    Say(Base64(user));
    Say(Base64(password));
  }

 private:
  /// Poco's own way of LOGIN insists on the words of the questions, which nothing prescribes.
  void Say(const std::string& line) {
    std::string response;
    const int status = sendCommand(line, response);
    if (!isPositiveIntermediate(status) && !isPositiveCompletion(status))
      throw net::SMTPException("Cannot authenticate using LOGIN", response, status);
  }
};

/// "Login and password refused" instead of Poco's text, which repeats what was sent.
std::string Shown(const net::SMTPException& exception) {
  return targets::OneLine(exception.message(), 200);
}

/// One mail over one connection. Poco's exceptions leave it.
class Delivery {
 public:
  Delivery(const SmtpRequest& request, std::string own_name, std::string certificates,
           Stopped stopped)
      : request_(request),
        own_name_(std::move(own_name)),
        certificates_(std::move(certificates)),
        stopped_(std::move(stopped)),
        deadline_(std::chrono::steady_clock::now() + request.timeout) {}

  Answer Run() {
    net::StreamSocket socket =
        ConnectSocket(request_.host, request_.port, {deadline_, request_.timeout}, stopped_);
    const Watchdog watchdog(socket.impl()->sockfd(), deadline_, stopped_);
    Answer answer = [&]() -> Answer {
      try {
        return Talk(socket);
      } catch (const Poco::Exception& exception) {
        return tl::unexpected<HttpError>(Explain(exception));
      }
    }();
    if (answer) return answer;
    if (watchdog.bite() == Watchdog::Bite::kStopped) return Fail(Kind::kStopped, "stopped");
    if (watchdog.bite() == Watchdog::Bite::kTimeout) return TooSlow();
    return answer;
  }

  [[nodiscard]] HttpError Explain(const Poco::Exception& exception) const {
    if (auto untrusted = UntrustedCertificate(exception, request_.host))
      return *std::move(untrusted);
    if (dynamic_cast<const Poco::TimeoutException*>(&exception)) return TooSlow().value();
    if (const auto* refused = dynamic_cast<const net::SMTPException*>(&exception))
      return {Kind::kReply, fmt::format("{} refuses the mail: {}", Peer(), Shown(*refused))};
    return {Kind::kUnreachable,
            targets::OneLine(fmt::format("cannot talk to {} ({})", Peer(), exception.displayText()),
                             300)};
  }

 private:
  [[nodiscard]] std::string Peer() const {
    return fmt::format("{}:{}", request_.host, request_.port);
  }
  [[nodiscard]] tl::unexpected<HttpError> TooSlow() const {
    return Fail(Kind::kTimeout, fmt::format("{} did not take the mail within {} seconds", Peer(),
                                            request_.timeout.count() / 1000));
  }

  Answer Talk(net::StreamSocket& socket) {
    net::Context::Ptr context;
    if (request_.security != Security::kNone) {
      auto made = MakeClientContext(certificates_);
      if (!made) return tl::unexpected<HttpError>(made.error());
      context = *made;
    }
    if (request_.security == Security::kTls)
      socket = net::SecureStreamSocket::attach(socket, request_.host, context);
    Session session(socket);
    session.setTimeout(socket.getReceiveTimeout());
    session.login(own_name_);
    if (request_.security == Security::kStartTls) {
      const std::string refused = session.StartTls(request_.host, context);
      if (!refused.empty()) {
        return Fail(Kind::kReply,
                    fmt::format("{} offers no STARTTLS ({}); nothing was sent", Peer(), refused));
      }
      session.login(own_name_);
    }
    if (!request_.user.empty()) {
      if (request_.security == Security::kNone && !IsLoopback(request_.host))
        return Fail(Kind::kReply, "a password is not sent without TLS");
      session.LogIn(own_name_, request_.user, request_.password);
    }
    net::MailMessage mail;
    Compose(mail);
    session.sendMessage(mail);
    try {
      session.close();
    } catch (const Poco::Exception&) {  // the mail was taken; how they part is all the same
    }
    return fmt::format("{} has taken the mail", Peer());
  }

  void Compose(net::MailMessage& mail) const {
    mail.setSender(request_.from);
    for (const std::string& to : request_.to)
      mail.addRecipient({net::MailRecipient::PRIMARY_RECIPIENT, to});
    mail.setSubject(net::MailMessage::encodeWord(request_.subject, "UTF-8"));
    mail.setDate(Poco::Timestamp());
    mail.set("Auto-Submitted", "auto-generated");
    mail.setContentType("text/plain; charset=UTF-8");
    mail.setContent(request_.text, net::MailMessage::ENCODING_QUOTED_PRINTABLE);
  }

  const SmtpRequest& request_;
  std::string own_name_;
  std::string certificates_;
  Stopped stopped_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace

Answer SmtpTransport::Send(const SmtpRequest& request, const Stopped& stopped) {
  Delivery delivery(request, host_name_.empty() ? "localhost" : host_name_,
                    TrustedCertificates(environment_, files_), stopped);
  try {
    return delivery.Run();
  } catch (const Poco::Exception& exception) {
    return tl::unexpected<HttpError>(delivery.Explain(exception));
  } catch (const std::exception& exception) {
    return Fail(Kind::kUnreachable,
                fmt::format("cannot talk to {} ({})", request.host, exception.what()));
  }
}

}  // namespace runner
