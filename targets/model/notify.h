#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/repository.h"
#include "targets/model/target.h"

namespace targets {

/// What a channel may be told. The first three come with a change of health, the others with each
/// run of a backup.
enum class NewsKind { kFailure, kReminder, kRecovery, kStart, kSuccess };

inline constexpr std::array kNewsKinds = {NewsKind::kFailure, NewsKind::kReminder,
                                          NewsKind::kRecovery, NewsKind::kStart,
                                          NewsKind::kSuccess};

/// The words of the configuration and of everything that programs read.
constexpr std::string_view NewsKindName(NewsKind kind) {
  constexpr std::array kNames = {std::string_view("failure"), std::string_view("reminder"),
                                 std::string_view("recovery"), std::string_view("start"),
                                 std::string_view("success")};
  return kNames.at(static_cast<std::size_t>(kind));
}

constexpr std::optional<NewsKind> NewsKindFromName(std::string_view name) {
  for (const NewsKind kind : kNewsKinds) {
    if (NewsKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

/// An address which is asked for: as it is after a success, with /start and /fail behind it
/// otherwise. `{{target}}` in it makes it one address for each target.
struct PingWay {
  SecretSource url;
  bool operator==(const PingWay&) const = default;
};
struct NtfyWay {
  SecretSource url;  // of the topic
  std::optional<SecretSource> token;
  std::optional<int> priority;  // 1..5, of failures and reminders
  std::vector<std::string> tags;
  bool operator==(const NtfyWay&) const = default;
};
struct GotifyWay {
  SecretSource url;  // of the server
  std::optional<SecretSource> token;
  std::optional<int> priority;  // 0..10, of failures and reminders
  bool operator==(const GotifyWay&) const = default;
};
struct WebhookWay {
  SecretSource url;
  std::string method = "POST";
  std::map<std::string, std::string> headers;  // values count as secrets
  std::string body;                            // a template; empty: the runner's own JSON
  bool operator==(const WebhookWay&) const = default;
};
enum class MailSecurity { kStartTls, kTls, kNone };
struct EmailWay {
  std::string host;
  std::uint16_t port = 0;  // 0: the usual one of `security`
  MailSecurity security = MailSecurity::kStartTls;
  std::string user;  // empty: without login
  std::optional<SecretSource> password;
  std::string from;
  std::vector<std::string> to;
  bool operator==(const EmailWay&) const = default;
};
struct CommandWay {
  Argv command;
  bool operator==(const CommandWay&) const = default;
};

/// One way to tell somebody.
struct NotifyChannel {
  using Way = std::variant<PingWay, NtfyWay, GotifyWay, WebhookWay, EmailWay, CommandWay>;

  std::string name;
  Way way;
  std::vector<TargetId> targets;  // empty: all of them, and the repository
  std::set<NewsKind> on;
  Duration timeout{30};  // for one message

  bool operator==(const NotifyChannel&) const = default;
};

}  // namespace targets
