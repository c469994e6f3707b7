#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>

#include "runner/app/commands/commands.h"
#include "runner/app/exit_of_cause.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"
#include "runner/keys/key_words.h"

namespace runner {
namespace {

ExitCode Refused(Machine& machine, const Failure& failure) {
  PrintError(machine, {failure.reason, failure.hint});
  return ExitOfCause(failure.cause);
}

/// What the record says of a listed key.
enum class Part { kUsers, kInUse, kLeftOver, kOther };

Part PartOf(const KeyInfo& key, const std::optional<KeyRecord>& record) {
  if (key.current) return Part::kUsers;
  if (record && record->state == KeyState::kInUse && record->id.starts_with(key.id))
    return Part::kInUse;
  return key.user == KeyKeeper::kUser ? Part::kLeftOver : Part::kOther;
}

const char* WordOf(Part part) {
  switch (part) {
    case Part::kUsers:
      return "password";
    case Part::kInUse:
      return "machine";
    case Part::kLeftOver:
      return "of a runner";
    case Part::kOther:
      break;
  }
  return "other";
}

std::string Table(const std::vector<KeyInfo>& keys, const std::optional<KeyRecord>& record,
                  const std::string& words) {
  std::string text;
  for (const KeyInfo& key : keys) {
    text += fmt::format("{:<8}  {:<11}  {}  {} on {}\n", key.id.substr(0, 8),
                        WordOf(PartOf(key, record)), key.created, key.user, key.host);
  }
  return text + fmt::format("machine key: {}\n", words);
}

std::string Json(const std::vector<KeyInfo>& keys, const std::optional<KeyRecord>& record,
                 const std::string& words) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  json.SetIndent(' ', 2);
  const auto put = [&](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value);
  };
  json.StartObject();
  put("machine_key", words);
  json.Key("keys");
  json.StartArray();
  for (const KeyInfo& key : keys) {
    const Part part = PartOf(key, record);
    json.StartObject();
    put("id", key.id);
    put("user", key.user);
    put("host", key.host);
    put("created", key.created);
    json.Key("password");
    json.Bool(part == Part::kUsers);
    json.Key("machine_key");
    json.Bool(part == Part::kInUse || part == Part::kLeftOver);
    json.Key("in_use");
    json.Bool(part == Part::kInUse);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

ExitCode List(Machine& machine, Session& session, bool json) {
  auto keys = session.restic().Keys(machine.stop);
  if (!keys) return Refused(machine, keys.error());
  std::ranges::sort(*keys, {}, &KeyInfo::created);
  const targets::Config& config = session.config();
  const auto read = KeyRecords(machine.files, config).Read();
  const std::string words = KeyWords(config, read, ExpectedRepository(machine.files, config));
  const auto record = read ? *read : std::nullopt;
  machine.console.Out(json ? Json(*keys, record, words) : Table(*keys, record, words));
  return ExitCode::kDone;
}

ExitCode Renew(Machine& machine, Session& session, const std::string& repository) {
  const auto id = session.keys().Renew(repository, machine.stop);
  return id ? ExitCode::kDone : Refused(machine, id.error());
}

ExitCode Revoke(Machine& machine, Session& session, const std::string& repository) {
  const auto removed = session.keys().Revoke(repository, machine.stop);
  if (!removed) {
    Failure failure = removed.error();
    failure.reason =
        "the secret is gone from the state folder, but the repository may still hold a "
        "key: " +
        failure.reason;
    if (failure.hint.empty())
      failure.hint =
          "see `runner key list`, and remove it where deleting is allowed: `restic key remove ID`";
    return Refused(machine, failure);
  }
  machine.console.Out(fmt::format("revoked: {} key{} removed; `runner key renew` makes a new one\n",
                                  removed->size(), removed->size() == 1 ? "" : "s"));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunKey(Machine& machine, const GlobalOptions& global, const KeyOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto session = Session::Open(machine, loaded->config);
  if (!session) {
    PrintError(machine, session.error());
    return ExitCode::kFailed;
  }
  if (options.action == KeyAction::kList) return List(machine, **session, options.json);
  const auto repository = (*session)->opener().Prove(machine.stop);
  if (!repository) return Refused(machine, repository.error());
  return options.action == KeyAction::kRenew ? Renew(machine, **session, *repository)
                                             : Revoke(machine, **session, *repository);
}

}  // namespace runner
