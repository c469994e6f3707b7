#include "runner/keys/key_record.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>

#include "runner/base/file_path.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using rapidjson::Value;
using targets::Fail;

constexpr int kVersion = 1;
constexpr std::uint32_t kMode = 0600;
constexpr std::uint32_t kOfOthers = 0077;

struct StateName {
  KeyState state;
  const char* name;
};
constexpr std::array kStates = {
    StateName{KeyState::kMaking, "making"},   StateName{KeyState::kInUse, "in_use"},
    StateName{KeyState::kRefused, "refused"}, StateName{KeyState::kFailed, "failed"},
    StateName{KeyState::kRevoked, "revoked"},
};

std::string Text(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

/// What would be dangerous to believe.
bool IsSound(const KeyRecord& record) {
  const auto full = [](const std::string& id) { return targets::IsFullId(id); };
  if (!full(record.repository) || !std::ranges::all_of(record.made, full)) return false;
  return record.state != KeyState::kInUse || (full(record.id) && !record.password.Empty());
}

}  // namespace

std::string KeyStateName(KeyState state) {
  return std::ranges::find(kStates, state, &StateName::state)->name;
}

std::string ToJson(const KeyRecord& record) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  const auto put = [&](const char* key, const std::string& text) {
    if (text.empty()) return;
    json.Key(key);
    json.String(text);
  };
  json.SetIndent(' ', 2);
  json.StartObject();
  json.Key("version");
  json.Int(kVersion);
  put("state", KeyStateName(record.state));
  put("repository", record.repository);
  put("url", record.url);
  put("id", record.id);
  put("password", record.password.Expose());
  put("reason", record.reason);
  if (record.since) put("since", targets::FormatRfc3339(*record.since));
  json.Key("made");
  json.StartArray();
  for (const std::string& id : record.made) json.String(id);
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

targets::Result<KeyRecord> KeyRecordFromJson(const std::string& text) {
  const auto garbled = [] { return Fail("it is no record of a machine key"); };
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) return garbled();
  const auto version = document.FindMember("version");
  if (version == document.MemberEnd() || !version->value.IsInt()) return garbled();
  if (version->value.GetInt() != kVersion) return Fail("a newer runner wrote it");
  const auto state = std::ranges::find_if(
      kStates, [&](const StateName& each) { return each.name == Text(document, "state"); });
  if (state == kStates.end()) return garbled();
  KeyRecord record{.state = state->state,
                   .repository = Text(document, "repository"),
                   .url = Text(document, "url"),
                   .id = Text(document, "id"),
                   .password = targets::Secret(Text(document, "password")),
                   .reason = Text(document, "reason")};
  if (const auto since = targets::ParseRfc3339(Text(document, "since"))) record.since = *since;
  const auto made = document.FindMember("made");
  if (made != document.MemberEnd() && made->value.IsArray()) {
    for (const Value& id : made->value.GetArray()) {
      if (!id.IsString()) return garbled();
      record.made.emplace_back(id.GetString(), id.GetStringLength());
    }
  }
  if (!IsSound(record)) return garbled();
  return record;
}

std::string KeyRecordStore::Path() const { return JoinPath(folder_, "machine_key.json"); }

targets::Result<std::optional<KeyRecord>> KeyRecordStore::Read() const {
  const auto text = files_.Read(Path(), kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  auto record = KeyRecordFromJson(**text);
  if (!record) return targets::FailWithContext(Path(), record.error());
  const auto info = files_.Stat(Path(), LinkHandling::kNoFollow);
  if (!info) return Fail(info.error());
  record->exposed = !info->has_value() || ((*info)->mode & kOfOthers) != 0;
  return *std::move(record);
}

targets::Status KeyRecordStore::Write(const KeyRecord& record) const {
  return files_.WriteDurably(Path(), ToJson(record), kMode);
}

targets::Result<std::unique_ptr<FileLock>> KeyRecordStore::TryLock() const {
  return files_.TryLock(JoinPath(folder_, "machine_key.lock"), LockMode::kExclusive);
}

std::optional<MachineKey> UsableKey(const KeyRecord& record, const std::string& repository,
                                    const std::string& url) {
  if (record.state != KeyState::kInUse || record.exposed) return std::nullopt;
  if (repository.empty() || record.repository != repository || record.url != url)
    return std::nullopt;
  return MachineKey{record.id, record.password, record.repository};
}

}  // namespace runner
