#include "runner/restore/journal.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/base/file_path.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

using Phase = RestoreJournal::Phase;

constexpr int kVersion = 1;

std::string ToJson(const RestoreJournal& journal) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  writer.Key("version");
  writer.Int(kVersion);
  writer.Key("phase");
  writer.String(journal.phase == Phase::kMoving ? "moving" : "staging");
  writer.Key("snapshot");
  writer.String(journal.snapshot.str());
  writer.Key("root");
  writer.String(journal.root);
  writer.Key("merge");
  writer.Bool(journal.merge);
  writer.Key("modified");
  writer.Int64(targets::ToUnixSeconds(journal.modified));
  writer.Key("modified_nanoseconds");
  writer.Int(journal.modified_nanoseconds);
  writer.EndObject();
  return std::string(buffer.GetString()) + "\n";
}

std::optional<RestoreJournal> FromJson(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text);
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  const auto has = [&](const char* name, bool (rapidjson::Value::*is)() const) {
    const auto found = document.FindMember(name);
    return found != document.MemberEnd() && (found->value.*is)();
  };
  using rapidjson::Value;
  if (!has("version", &Value::IsInt) || document["version"].GetInt() != kVersion ||
      !has("phase", &Value::IsString) || !has("snapshot", &Value::IsString) ||
      !has("root", &Value::IsString) || !has("merge", &Value::IsBool) ||
      !has("modified", &Value::IsInt64) || !has("modified_nanoseconds", &Value::IsInt))
    return std::nullopt;
  RestoreJournal journal;
  journal.phase = std::string_view(document["phase"].GetString()) == "moving" ? Phase::kMoving
                                                                              : Phase::kStaging;
  journal.snapshot = targets::SnapshotId(document["snapshot"].GetString());
  journal.root = document["root"].GetString();
  journal.merge = document["merge"].GetBool();
  journal.modified = targets::FromUnixSeconds(document["modified"].GetInt64());
  journal.modified_nanoseconds = document["modified_nanoseconds"].GetInt();
  return journal;
}

}  // namespace

std::string StagingFolder::path() const { return JoinPath(destination_, targets::kStagingName); }

Result<bool> StagingFolder::Exists(FileSystem& files) const {
  const auto info = files.Stat(path(), LinkHandling::kNoFollow);
  if (!info) return Fail(info.error());
  return info->has_value();
}

std::string StagingFolder::Restored(const std::string& path_in_snapshot) const {
  return path_in_snapshot == "/" ? tree() : tree() + path_in_snapshot;
}

Result<std::optional<RestoreJournal>> StagingFolder::ReadJournal(FileSystem& files) const {
  const std::string file = path() + "/journal";
  const auto text = files.Read(file, kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  if (auto journal = FromJson(**text)) return journal;
  return Fail(fmt::format("{} is damaged, so nobody knows how far the restore came", file),
              fmt::format("look at the folder; if the data is all there, remove {}, else empty the "
                          "folder whole and restore again",
                          path()));
}

Status StagingFolder::WriteJournal(FileSystem& files, const RestoreJournal& journal) const {
  return files.WriteDurably(path() + "/journal", ToJson(journal), 0600);
}

}  // namespace runner
