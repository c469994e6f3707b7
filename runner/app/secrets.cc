#include "runner/app/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Secret;

constexpr std::size_t kSecretLimit = 64 * 1024;
constexpr std::chrono::seconds kCommandTimeout{60};
constexpr std::array<std::string_view, 4> kSecretWords = {"KEY", "PASS", "SECRET", "TOKEN"};

/// As restic does with its own password files and commands.
Secret Trimmed(std::string_view text) { return Secret(std::string(targets::TrimSpace(text))); }

targets::Result<Secret> FromFile(const targets::FileSecret& source, FileSystem& files) {
  const auto content = files.Read(source.path, kSecretLimit);
  if (!content) return targets::Fail(content.error());
  if (!content->has_value()) return targets::Fail(fmt::format("{} does not exist", source.path));
  return Trimmed(**content);
}

/// `stop`: ends it early; nullptr: nothing does.
targets::Result<Secret> FromCommand(const targets::CommandSecret& source, ProcessRunner& processes,
                                    StopHandle* stop) {
  ProcessSpec spec;
  spec.argv = source.command;
  spec.watch.max_runtime = kCommandTimeout;
  spec.stdout_tail = kSecretLimit + 1;
  spec.stop = {std::chrono::seconds(1), std::chrono::seconds(1)};
  const std::unique_ptr<Process> process = processes.Launch(std::move(spec));
  std::optional<AttachedProcess> attached;
  if (stop != nullptr) attached.emplace(*stop, *process);
  const ProcessResult result = process->Wait();
  if (result.Succeeded() && result.stdout_tail.size() <= kSecretLimit)
    return Trimmed(result.stdout_tail);
  const auto* not_started = std::get_if<NotStarted>(&result.status);
  const auto* exited = std::get_if<Exited>(&result.status);
  const std::string why =
      not_started != nullptr                  ? not_started->reason
      : result.stop_cause != StopCause::kNone ? std::string("it did not end within 60 seconds")
      : result.Succeeded() ? fmt::format("it printed more than {} bytes", kSecretLimit)
      : exited != nullptr  ? fmt::format("exit code {}", exited->code)
                           : std::string("it was killed by a signal");
  return targets::Fail(fmt::format("the command {} gave no secret: {}",
                                   targets::ShellQuote(source.command.front()), why));
}

struct Resolver {
  FileSystem& files;
  ProcessRunner& processes;
  StopHandle* stop = nullptr;

  targets::Result<Secret> operator()(const targets::InlineSecret& source) const {
    return source.value;
  }
  targets::Result<Secret> operator()(const targets::FileSecret& source) const {
    return FromFile(source, files);
  }
  targets::Result<Secret> operator()(const targets::CommandSecret& source) const {
    return FromCommand(source, processes, stop);
  }
};

/// Spaces around a key of B2 are never meant; a password may have them.
enum class Spaces { kKeep, kTrim };

targets::Result<Secret> Resolve(const targets::SecretSource& source, std::string_view key,
                                const Resolver& resolver, Spaces spaces) {
  auto secret = std::visit(resolver, source);
  if (!secret) return targets::FailWithContext(key, secret.error());
  if (spaces == Spaces::kTrim) secret = Secret(std::string(targets::TrimSpace(secret->Expose())));
  if (secret->Empty()) return targets::Fail(fmt::format("{}: the secret is empty", key));
  if (secret->Expose().find('\0') != std::string::npos) {
    return targets::Fail(
        fmt::format("{}: the secret holds a NUL byte and cannot be passed on", key));
  }
  return secret;
}

/// Paths and switches are no secrets; blanking them out would make messages useless.
bool NamesASecret(const std::string& name) {
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

void AddSecretVariables(const std::map<std::string, std::string>& variables,
                        targets::Redactor& redactor) {
  for (const auto& [name, value] : variables) {
    if (NamesASecret(name)) redactor.Add(Secret(value));
  }
}

/// Says where a secret comes from.
struct Describer {
  FileSystem& files;
  SecretLook& look;

  void operator()(const targets::InlineSecret& /*source*/) const {
    look.where = "in the configuration or the environment";
  }
  void operator()(const targets::FileSecret& source) const {
    look.where = "file " + source.path;
    look.file = source.path;
    const auto info = files.Stat(source.path, LinkHandling::kFollow);
    constexpr std::uint32_t kReadByOthers = 0044;
    look.read_by_others = info && info->has_value() && ((*info)->mode & kReadByOthers) != 0;
  }
  void operator()(const targets::CommandSecret& source) const {
    look.where = "command " + targets::ShellQuote(source.command.front());
  }
};

/// The secrets of notifications that stand in the configuration itself.
struct ChannelSecrets {
  targets::Redactor& redactor;

  void Add(const std::optional<targets::SecretSource>& source) const {
    if (!source) return;
    if (const auto* value = std::get_if<targets::InlineSecret>(&*source))
      redactor.Add(value->value);
  }
  void operator()(const targets::PingWay& way) const { Add(way.url); }
  void operator()(const targets::NtfyWay& way) const {
    Add(way.url);
    Add(way.token);
  }
  void operator()(const targets::GotifyWay& way) const {
    Add(way.url);
    Add(way.token);
  }
  void operator()(const targets::WebhookWay& way) const {
    Add(way.url);
    for (const auto& [name, value] : way.headers) redactor.Add(Secret(value));
  }
  void operator()(const targets::EmailWay& way) const { Add(way.password); }
  void operator()(const targets::CommandWay& /*way*/) const {}
};

}  // namespace

targets::Result<Secret> ResolveSecret(const targets::SecretSource& source, const std::string& key,
                                      FileSystem& files, ProcessRunner& processes,
                                      StopHandle& stop) {
  return Resolve(source, key, Resolver{files, processes, &stop}, Spaces::kTrim);
}

SecretsLook LookAtSecrets(const targets::Config& config, FileSystem& files,
                          ProcessRunner& processes) {
  const Resolver resolver{files, processes};
  SecretsLook seen;
  const auto look = [&](const std::optional<targets::SecretSource>& source, const char* key,
                        Spaces spaces) -> std::optional<Secret> {
    if (!source) return std::nullopt;
    SecretLook& found = seen.looks.emplace_back(SecretLook{.key = key});
    std::visit(Describer{files, found}, *source);
    auto secret = Resolve(*source, key, resolver, spaces);
    if (secret) return *std::move(secret);
    found.error = secret.error().message;
    return std::nullopt;
  };
  const targets::Repository& repository = config.repository;
  seen.found.password =
      look(repository.password, "repository.password", Spaces::kKeep).value_or(Secret());
  seen.found.b2_account_id =
      look(repository.b2.account_id, "repository.b2.account_id", Spaces::kTrim);
  seen.found.b2_account_key =
      look(repository.b2.account_key, "repository.b2.account_key", Spaces::kTrim);
  return seen;
}

targets::Result<ResolvedSecrets> ResolveSecrets(const targets::Config& config, FileSystem& files,
                                                ProcessRunner& processes) {
  const Resolver resolver{files, processes};
  ResolvedSecrets secrets;
  if (config.repository.password) {
    auto password =
        Resolve(*config.repository.password, "repository.password", resolver, Spaces::kKeep);
    if (!password) return targets::Fail(password.error());
    secrets.password = std::move(*password);
  }
  if (config.repository.b2.account_id) {
    auto id = Resolve(*config.repository.b2.account_id, "repository.b2.account_id", resolver,
                      Spaces::kTrim);
    if (!id) return targets::Fail(id.error());
    secrets.b2_account_id = std::move(*id);
  }
  if (config.repository.b2.account_key) {
    auto key = Resolve(*config.repository.b2.account_key, "repository.b2.account_key", resolver,
                       Spaces::kTrim);
    if (!key) return targets::Fail(key.error());
    secrets.b2_account_key = std::move(*key);
  }
  return secrets;
}

targets::Result<Secret> ResolveToken(const targets::SecretSource& source, FileSystem& files,
                                     ProcessRunner& processes) {
  return Resolve(source, "server.token", Resolver{files, processes}, Spaces::kTrim);
}

void AddInlineSecrets(const targets::Config& config, targets::Redactor& redactor) {
  const auto add = [&](const std::optional<targets::SecretSource>& source) {
    if (!source) return;
    if (const auto* value = std::get_if<targets::InlineSecret>(&*source))
      redactor.Add(value->value);
  };
  add(config.repository.password);
  add(config.repository.b2.account_key);
  add(config.server.token);
  AddSecretVariables(config.repository.environment, redactor);
  for (const targets::NotifyChannel& channel : config.notify)
    std::visit(ChannelSecrets{redactor}, channel.way);
  for (const targets::Target& target : config.targets)
    AddSecretVariables(target.environment, redactor);
}

void AddSecrets(const targets::Config& config, const ResolvedSecrets& secrets,
                targets::Redactor& redactor) {
  AddInlineSecrets(config, redactor);
  redactor.Add(secrets.password);
  if (secrets.b2_account_key) redactor.Add(*secrets.b2_account_key);
}

}  // namespace runner
