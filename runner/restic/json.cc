#include "runner/restic/json.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "targets/base/text.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using rapidjson::Value;
using targets::Fail;
using targets::Result;

/// Iterative, so that no depth of brackets can exhaust the stack.
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag;

bool Parse(rapidjson::Document& document, std::string_view text) {
  document.Parse<kParseFlags>(text.data(), text.size());
  return !document.HasParseError();
}

const Value* Member(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string Text(const Value& object, const char* name) {
  const Value* value = Member(object, name);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::uint64_t Count(const Value& object, const char* name) {
  const Value* value = Member(object, name);
  return value != nullptr && value->IsUint64() ? value->GetUint64() : 0;
}

double Real(const Value& object, const char* name) {
  const Value* value = Member(object, name);
  const double number = value != nullptr && value->IsNumber() ? value->GetDouble() : 0;
  return std::isfinite(number) && number > 0 ? number : 0;
}

bool True(const Value& object, const char* name) {
  const Value* value = Member(object, name);
  return value != nullptr && value->IsTrue();
}

BackupStatus ReadStatus(const Value& line) {
  BackupStatus status;
  status.fraction = std::min(1.0, Real(line, "percent_done"));
  status.files_done = Count(line, "files_done");
  status.files_total = Count(line, "total_files");
  status.bytes_done = Count(line, "bytes_done");
  status.bytes_total = Count(line, "total_bytes");
  status.errors = Count(line, "error_count");
  const Value* remaining = Member(line, "seconds_remaining");
  if (remaining != nullptr && remaining->IsInt64() && remaining->GetInt64() >= 0) {
    status.seconds_remaining = remaining->GetInt64();
  }
  return status;
}

BackupSummary ReadSummary(const Value& line) {
  BackupSummary summary;
  summary.files_new = Count(line, "files_new");
  summary.files_changed = Count(line, "files_changed");
  summary.files_unmodified = Count(line, "files_unmodified");
  summary.dirs_new = Count(line, "dirs_new");
  summary.dirs_changed = Count(line, "dirs_changed");
  summary.dirs_unmodified = Count(line, "dirs_unmodified");
  summary.data_added = Count(line, "data_added");
  summary.total_files = Count(line, "total_files_processed");
  summary.total_bytes = Count(line, "total_bytes_processed");
  summary.seconds = Real(line, "total_duration");
  summary.snapshot_id = Text(line, "snapshot_id");
  return summary;
}

/// "message" of restic 0.17.1 and later; before, Go's own form of an error:
/// {"Op":"open","Path":"...","Err":13}.
std::string ErrorText(const Value& line) {
  const Value* error = Member(line, "error");
  if (error == nullptr) return {};
  if (std::string message = Text(*error, "message"); !message.empty())
    return targets::OneLine(message);
  const std::string operation = Text(*error, "Op");
  const Value* number = Member(*error, "Err");
  if (number == nullptr || !number->IsInt()) return operation;
  const std::string reason = std::generic_category().message(number->GetInt());
  return operation.empty() ? reason : fmt::format("{}: {}", operation, reason);
}

int DigitAt(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 0;
}

/// The nanoseconds of an RFC 3339 time that ParseRfc3339 accepted.
int Nanoseconds(std::string_view time) {
  const std::size_t point = time.find('.');
  if (point == std::string_view::npos) return 0;
  int value = 0;
  std::size_t at = point + 1;
  bool digits = true;
  for (int i = 0; i < 9; ++i, ++at) {
    digits = digits && at < time.size() && time[at] >= '0' && time[at] <= '9';
    value = value * 10 + (digits ? DigitAt(time, at) : 0);
  }
  return value;
}

/// Seconds east of UTC of an RFC 3339 time that ParseRfc3339 accepted.
int UtcOffset(std::string_view time) {
  constexpr std::size_t kLength = 6;  // "+01:00"
  if (time.size() < kLength || time.ends_with('Z') || time.ends_with('z')) return 0;
  const std::string_view offset = time.substr(time.size() - kLength);
  if (offset.front() != '+' && offset.front() != '-') return 0;
  const int hours = DigitAt(offset, 1) * 10 + DigitAt(offset, 2);
  const int minutes = DigitAt(offset, 4) * 10 + DigitAt(offset, 5);
  return (offset.front() == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/// A list of strings; absent and null are an empty one. False for anything else.
bool ReadStrings(const Value& object, const char* name, std::vector<std::string>& into) {
  const Value* list = Member(object, name);
  if (list == nullptr || list->IsNull()) return true;
  if (!list->IsArray()) return false;
  for (const Value& item : list->GetArray()) {
    if (!item.IsString()) return false;
    into.emplace_back(item.GetString(), item.GetStringLength());
  }
  return true;
}

constexpr const char* kListHint =
    "nothing is decided from a doubtful list; run `runner restic -- snapshots`";

Result<targets::Snapshot> ReadSnapshot(const Value& entry, std::size_t number) {
  const auto bad = [number](std::string_view what) {
    return Fail(
        fmt::format("entry {} of restic's list of snapshots has no usable {}", number, what),
        kListHint);
  };
  if (!entry.IsObject()) return bad("content");
  targets::Snapshot snapshot;
  snapshot.id = targets::SnapshotId(Text(entry, "id"));
  if (!targets::IsFullId(snapshot.id.str())) return bad("id");
  const std::string time = Text(entry, "time");
  const auto parsed = targets::ParseRfc3339(time);
  if (!parsed) return bad("time");
  snapshot.time = *parsed;
  snapshot.nanoseconds = Nanoseconds(time);
  snapshot.utc_offset = UtcOffset(time);
  snapshot.hostname = Text(entry, "hostname");
  if (!ReadStrings(entry, "paths", snapshot.paths)) return bad("paths");
  if (!ReadStrings(entry, "tags", snapshot.tags)) return bad("tags");
  snapshot.username = Text(entry, "username");
  snapshot.parent = Text(entry, "parent");
  snapshot.tree = Text(entry, "tree");
  snapshot.original = Text(entry, "original");
  return snapshot;
}

targets::NodeType NodeTypeOf(std::string_view name) {
  if (name == "file") return targets::NodeType::kFile;
  if (name == "dir") return targets::NodeType::kDirectory;
  if (name == "symlink") return targets::NodeType::kSymlink;
  if (name == "socket") return targets::NodeType::kSocket;
  return targets::NodeType::kOther;
}

/// The bits of Go's os.FileMode as stat(2) has them.
std::uint32_t PosixMode(std::uint64_t mode) {
  constexpr std::uint64_t kSticky = 1U << 20U;
  constexpr std::uint64_t kSetGid = 1U << 22U;
  constexpr std::uint64_t kSetUid = 1U << 23U;
  std::uint32_t posix = static_cast<std::uint32_t>(mode) & 0777U;
  if ((mode & kSticky) != 0) posix |= 01000U;
  if ((mode & kSetGid) != 0) posix |= 02000U;
  if ((mode & kSetUid) != 0) posix |= 04000U;
  return posix;
}

}  // namespace

bool BackupOutput::OnStdoutLine(std::string_view line) {
  if (!line.starts_with('{')) return false;
  rapidjson::Document document;
  if (!Parse(document, line) || !document.IsObject()) return false;
  const std::string type = Text(document, "message_type");
  if (type == "summary") {
    summary_ = ReadSummary(document);
    has_summary_ = true;
    return false;
  }
  // Before 0.16 `--verbose` prints its own lines under the same type, with an action.
  if (type != "status" || Member(document, "action") != nullptr) return false;
  status_ = ReadStatus(document);
  return true;
}

void BackupOutput::OnStderrLine(std::string_view line) {
  if (!line.starts_with('{')) return;
  rapidjson::Document document;
  if (!Parse(document, line) || Text(document, "message_type") != "error") return;
  Unreadable entry{targets::OneLine(Text(document, "item"), 4096), ErrorText(document)};
  // The scan and the backup itself both report a file that cannot be read.
  for (Unreadable& known : unreadable_) {
    if (known.path != entry.path) continue;
    if (known.reason.empty()) known.reason = entry.reason;
    return;
  }
  ++unreadable_count_;
  if (unreadable_.size() < kMaxUnreadable) unreadable_.push_back(std::move(entry));
}

std::optional<BackupStatus> ParseRestoreStatus(std::string_view line) {
  rapidjson::Document document;
  if (!line.starts_with('{') || !Parse(document, line)) return std::nullopt;
  if (Text(document, "message_type") != "status") return std::nullopt;
  BackupStatus status = ReadStatus(document);
  status.files_done = Count(document, "files_restored");
  status.bytes_done = Count(document, "bytes_restored");
  return status;
}

Result<std::optional<targets::TreeNode>> ParseTreeNode(std::string_view line) {
  rapidjson::Document document;
  if (!Parse(document, line) || !document.IsObject())
    return Fail("restic ls printed a line that is no JSON object");
  if (Text(document, "struct_type") != "node") return std::nullopt;
  targets::TreeNode node;
  node.path = Text(document, "path");
  const std::string type = Text(document, "type");
  if (!node.path.starts_with('/') || type.empty())
    return Fail("restic ls printed an entry without a path or a type");
  node.type = NodeTypeOf(type);
  node.size = Count(document, "size");
  node.mode = PosixMode(Count(document, "mode"));
  node.uid = static_cast<std::uint32_t>(Count(document, "uid"));
  node.gid = static_cast<std::uint32_t>(Count(document, "gid"));
  const std::string modified = Text(document, "mtime");
  if (const auto time = targets::ParseRfc3339(modified)) {
    node.modified = *time;
    node.modified_nanoseconds = Nanoseconds(modified);
  }
  return node;
}

Result<std::vector<targets::Snapshot>> ParseSnapshots(std::string_view json) {
  rapidjson::Document document;
  if (!Parse(document, json) || !document.IsArray()) {
    return Fail(fmt::format("restic's list of snapshots is not a JSON array: \"{}\"",
                            targets::OneLine(json, 120)),
                kListHint);
  }
  std::vector<targets::Snapshot> snapshots;
  snapshots.reserve(document.Size());
  for (const Value& entry : document.GetArray()) {
    auto snapshot = ReadSnapshot(entry, snapshots.size() + 1);
    if (!snapshot) return Fail(std::move(snapshot.error()));
    snapshots.push_back(std::move(*snapshot));
  }
  return snapshots;
}

Result<targets::Bytes> ParseStats(std::string_view output) {
  rapidjson::Document document;
  if (!Parse(document, targets::TrimSpace(output)) || Member(document, "total_size") == nullptr)
    return Fail(
        fmt::format("restic's `stats` has no total: \"{}\"", targets::OneLine(output, 120)));
  return Count(document, "total_size");
}

Result<SnapshotDiff> ParseDiff(std::string_view output) {
  const std::string_view text = targets::TrimSpace(output);
  const std::size_t line_end = text.rfind('\n');
  const std::string_view last =
      line_end == std::string_view::npos ? text : text.substr(line_end + 1);
  rapidjson::Document document;
  if (!Parse(document, last) || Text(document, "message_type") != "statistics")
    return Fail(
        fmt::format("restic's `diff` has no statistics: \"{}\"", targets::OneLine(last, 120)));
  SnapshotDiff diff;
  diff.changed = Count(document, "changed_files");
  if (const Value* added = Member(document, "added")) diff.added = Count(*added, "files");
  if (const Value* removed = Member(document, "removed")) diff.removed = Count(*removed, "files");
  return diff;
}

Result<std::string> ParseRepositoryId(std::string_view json) {
  rapidjson::Document document;
  if (!Parse(document, json) || !document.IsObject()) {
    return Fail(
        fmt::format("restic's `cat config` is not JSON: \"{}\"", targets::OneLine(json, 120)));
  }
  std::string id = Text(document, "id");
  if (!targets::IsFullId(id))
    return Fail("restic's `cat config` has no repository id of 64 hexadecimal digits");
  return id;
}

Result<LockInfo> ParseLock(std::string_view json) {
  rapidjson::Document document;
  if (!Parse(document, json) || !document.IsObject()) {
    return Fail(
        fmt::format("restic's `cat lock` is not JSON: \"{}\"", targets::OneLine(json, 120)));
  }
  const auto time = targets::ParseRfc3339(Text(document, "time"));
  if (!time) return targets::FailWithContext("restic's `cat lock`: time", time.error());
  LockInfo lock;
  lock.time = *time;
  lock.exclusive = True(document, "exclusive");
  lock.hostname = Text(document, "hostname");
  lock.username = Text(document, "username");
  const Value* pid = Member(document, "pid");
  if (pid != nullptr && pid->IsInt64()) lock.pid = pid->GetInt64();
  return lock;
}

Result<std::vector<KeyInfo>> ParseKeys(std::string_view json) {
  rapidjson::Document document;
  if (!Parse(document, json) || !document.IsArray())
    return Fail(fmt::format("restic's list of keys is not a JSON array: \"{}\"",
                            targets::OneLine(json, 120)));
  std::vector<KeyInfo> keys;
  for (const Value& entry : document.GetArray()) {
    keys.push_back({Text(entry, "id"), Text(entry, "userName"), Text(entry, "hostName"),
                    Text(entry, "created"), True(entry, "current")});
    if (keys.back().id.empty()) return Fail("a key in restic's list has no id");
  }
  if (std::ranges::none_of(keys, [](const KeyInfo& key) { return key.current; }))
    return Fail("restic's list of keys does not say which one it used");
  return keys;
}

Result<std::vector<std::string>> ParseIdLines(std::string_view text) {
  std::vector<std::string> ids;
  for (const std::string_view raw : targets::Split(text, '\n')) {
    const std::string_view line = targets::TrimSpace(raw);
    if (line.empty()) continue;
    if (!targets::IsFullId(line)) {
      return Fail(fmt::format("\"{}\" in restic's list is not an id", targets::OneLine(line, 80)));
    }
    ids.emplace_back(line);
  }
  return ids;
}

}  // namespace runner
