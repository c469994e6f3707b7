#include "runner/notify/channel_sender.h"

#include <fmt/format.h>

#include "runner/net/route.h"
#include "runner/process/run_as.h"
#include "runner/restic/environment.h"
#include "targets/base/redactor.h"
#include "targets/base/text.h"
#include "targets/config/message_template.h"

namespace runner {
namespace {

using targets::NotifyChannel;
using targets::Result;

constexpr std::size_t kAnswerLimit = 200;
constexpr std::chrono::seconds kCommandGrace{2};

/// The secrets of each kind of way, by their key.
struct Sources {
  const targets::SecretSource* url = nullptr;
  const std::optional<targets::SecretSource>* token = nullptr;
  const std::optional<targets::SecretSource>* password = nullptr;
};

struct SourcesOf {
  Sources operator()(const targets::PingWay& way) const { return {.url = &way.url}; }
  Sources operator()(const targets::NtfyWay& way) const {
    return {.url = &way.url, .token = &way.token};
  }
  Sources operator()(const targets::GotifyWay& way) const {
    return {.url = &way.url, .token = &way.token};
  }
  Sources operator()(const targets::WebhookWay& way) const { return {.url = &way.url}; }
  Sources operator()(const targets::EmailWay& way) const { return {.password = &way.password}; }
  Sources operator()(const targets::CommandWay& /*way*/) const { return {}; }
};

/// A server may repeat in its answer what it was asked with.
targets::Redactor RedactorOf(const HttpRequest& request) {
  targets::Redactor redactor;
  redactor.Add(targets::Secret(request.url));
  if (const auto url = ParseHttpUrl(request.url)) {
    for (const std::string_view part : targets::Split(url->target, '/'))
      redactor.Add(targets::Secret(std::string(part)));
  }
  for (const auto& [name, value] : request.headers) {
    if (name != "Content-Type" && name != "User-Agent" && name != "Title" && name != "Tags")
      redactor.Add(targets::Secret(value));
    if (value.starts_with("Bearer ")) redactor.Add(targets::Secret(value.substr(7)));
  }
  return redactor;
}

std::string Answer(const HttpResponse& response, const targets::Redactor& redactor) {
  const std::string body = targets::OneLine(
      targets::TrimSpace(redactor.Redact(response.body.substr(0, 4 * kAnswerLimit))), kAnswerLimit);
  return body.empty() ? fmt::format("HTTP {}", response.status)
                      : fmt::format("HTTP {}: {}", response.status, body);
}

std::string HintFor(int status, const NotifyChannel& channel) {
  if (status == 404 && std::holds_alternative<targets::PingWay>(channel.way))
    return "look at its url; not every service knows /log, /start and /fail";
  if (status >= 300 && status < 400) return "give the address to which it redirects";
  if (status == 401 || status == 403) return "look at its token";
  if (status == 404) return "look at its url";
  return "";
}

std::string HintFor(HttpError::Kind kind) {
  switch (kind) {
    case HttpError::Kind::kUnreachable:
    case HttpError::Kind::kTimeout:
      return "are name and port right, does a firewall let it through, does it need a proxy?";
    case HttpError::Kind::kUntrusted:
      return "a certificate of your own is trusted if SSL_CERT_FILE names a file with its issuer's";
    case HttpError::Kind::kProxy:
    case HttpError::Kind::kReply:
    case HttpError::Kind::kStopped:
      break;
  }
  return "";
}

std::string WhyNot(const ProcessResult& result) {
  const auto* not_started = std::get_if<NotStarted>(&result.status);
  if (not_started != nullptr) return not_started->reason;
  if (result.stop_cause == StopCause::kDeadline) return "it did not end in time";
  const auto* exited = std::get_if<Exited>(&result.status);
  if (exited == nullptr) return "it was ended by a signal";
  const std::string said = targets::OneLine(targets::TrimSpace(result.stderr_tail), kAnswerLimit);
  return said.empty() ? fmt::format("exit code {}", exited->code)
                      : fmt::format("exit code {}: {}", exited->code, said);
}

SmtpRequest::Security SecurityOf(targets::MailSecurity security) {
  if (security == targets::MailSecurity::kTls) return SmtpRequest::Security::kTls;
  return security == targets::MailSecurity::kStartTls ? SmtpRequest::Security::kStartTls
                                                      : SmtpRequest::Security::kNone;
}

std::uint16_t UsualPort(targets::MailSecurity security) {
  if (security == targets::MailSecurity::kTls) return 465;
  return security == targets::MailSecurity::kStartTls ? 587 : 25;
}

/// What is told of whom is decided before a file is read or a command run for the address.
targets::Status CheckTemplateIsKnown(const targets::PingWay& way, const WaySecrets& secrets) {
  const bool known = std::holds_alternative<targets::InlineSecret>(way.url);
  if (known || !targets::NamesTarget(secrets.url.Expose())) return {};
  return targets::Fail(
      "{{target}} does not work in an address from a file or a command",
      "write url: with a variable, like https://hc-ping.com/${PING_KEY}/{{target}}");
}

}  // namespace

Result<std::string> ChannelSender::Send(const NotifyChannel& channel, const Message& message,
                                        const Stopped& stopped) {
  const auto secrets = SecretsOf(channel);
  if (!secrets) return targets::Fail(secrets.error());
  const std::string& instance = config_.instance.str();
  if (const auto* ping = std::get_if<targets::PingWay>(&channel.way)) {
    if (const auto good = CheckTemplateIsKnown(*ping, *secrets); !good)
      return targets::Fail(good.error());
    return SendHttp(PingRequest(*secrets, instance, message), channel, stopped);
  }
  if (const auto* ntfy = std::get_if<targets::NtfyWay>(&channel.way))
    return SendHttp(NtfyRequest(*ntfy, *secrets, message), channel, stopped);
  if (const auto* gotify = std::get_if<targets::GotifyWay>(&channel.way))
    return SendHttp(GotifyRequest(*gotify, *secrets, message), channel, stopped);
  if (const auto* webhook = std::get_if<targets::WebhookWay>(&channel.way))
    return SendHttp(WebhookRequest(*webhook, *secrets, instance, message), channel, stopped);
  if (const auto* email = std::get_if<targets::EmailWay>(&channel.way))
    return SendMail(*email, *secrets, channel, message, stopped);
  return RunCommand(std::get<targets::CommandWay>(channel.way), channel, message);
}

Result<WaySecrets> ChannelSender::SecretsOf(const NotifyChannel& channel) const {
  const Sources sources = std::visit(SourcesOf{}, channel.way);
  const auto key = [&](const char* name) {
    return fmt::format("notify.{}.{}", channel.name, name);
  };
  WaySecrets secrets;
  if (sources.url != nullptr) {
    auto url = tools_.resolve(*sources.url, key("url"));
    if (!url) return targets::Fail(url.error());
    secrets.url = *std::move(url);
  }
  if (sources.token != nullptr && *sources.token) {
    auto token = tools_.resolve(**sources.token, key("token"));
    if (!token) return targets::Fail(token.error());
    secrets.token = *std::move(token);
  }
  if (sources.password != nullptr && *sources.password) {
    auto password = tools_.resolve(**sources.password, key("password"));
    if (!password) return targets::Fail(password.error());
    secrets.password = *std::move(password);
  }
  return secrets;
}

Result<std::string> ChannelSender::SendHttp(Result<HttpRequest> request,
                                            const NotifyChannel& channel, const Stopped& stopped) {
  if (!request) return targets::Fail(request.error());
  request->timeout = channel.timeout;
  request->connect_timeout =
      std::min(request->connect_timeout, std::chrono::milliseconds(channel.timeout));
  const targets::Redactor redactor = RedactorOf(*request);
  const HttpResult response = tools_.http.Send(*request, stopped);
  if (!response) {
    return targets::Fail(redactor.Redact(response.error().message), HintFor(response.error().kind));
  }
  std::string answer = Answer(*response, redactor);
  if (response->status >= 200 && response->status < 300) return answer;
  return targets::Fail("the message was not taken: " + answer, HintFor(response->status, channel));
}

Result<std::string> ChannelSender::SendMail(const targets::EmailWay& way, const WaySecrets& secrets,
                                            const NotifyChannel& channel, const Message& message,
                                            const Stopped& stopped) {
  SmtpRequest request;
  request.host = way.host;
  request.port = way.port == 0 ? UsualPort(way.security) : way.port;
  request.security = SecurityOf(way.security);
  request.user = way.user;
  request.password = secrets.password.Expose();
  request.from = way.from;
  request.to = way.to;
  request.subject = message.title;
  request.text = message.text;
  request.timeout = channel.timeout;
  targets::Redactor redactor;
  redactor.Add(secrets.password);
  const auto sent = tools_.mail.Send(request, stopped);
  if (!sent)
    return targets::Fail(redactor.Redact(sent.error().message), HintFor(sent.error().kind));
  return redactor.Redact(*sent);
}

/// As a hook: without the repository's secrets, as whom the jobs run.
Result<std::string> ChannelSender::RunCommand(const targets::CommandWay& way,
                                              const NotifyChannel& channel,
                                              const Message& message) {
  ProcessSpec spec;
  spec.argv = way.command;
  spec.unset = UnsetForUserCommands(config_);
  spec.environment = {{"RUNNER_INSTANCE", config_.instance.str()},
                      {"RUNNER_EVENT", std::string(message.Event())},
                      {"RUNNER_TARGET", targets::Join(message.subjects, ",")},
                      {"RUNNER_TITLE", message.title},
                      {"RUNNER_MESSAGE", message.text},
                      {"RUNNER_TIME", targets::FormatRfc3339(message.time)},
                      {"TZ", config_.timezone}};
  ApplyRunAs(spec, config_.run_as);
  spec.parent_death_signal = 15;
  spec.watch.max_runtime = channel.timeout;
  spec.stop = {kCommandGrace, kCommandGrace};
  const std::unique_ptr<Process> process = tools_.processes.Launch(std::move(spec));
  const AttachedProcess attached(tools_.stop, *process);
  const ProcessResult result = process->Wait();
  if (result.Succeeded()) return "it ended with exit code 0";
  return targets::Fail(fmt::format("the command {} failed: {}",
                                   targets::ShellQuote(way.command.front()), WhyNot(result)));
}

}  // namespace runner
