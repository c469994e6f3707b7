#include "runner/schedule/record_store.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "runner/base/file_path.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Stage;
using targets::Status;
using targets::TargetId;
using targets::UnixTime;

constexpr std::string_view kFirstLine = "runner schedule 1";
constexpr std::uint32_t kFileMode = 0600;
constexpr std::size_t kMostLines = 100;
/// The last second of the year 9999; times are not before 1970.
constexpr long long kLatestTime = 253'402'300'799;
constexpr int kMostRetries = 1'000;

std::string Line(Stage stage, const JobRecord& record) {
  std::string line{targets::StageName(stage)};
  const auto add = [&line](std::string_view word, const std::optional<UnixTime>& time) {
    if (time) line += fmt::format(" {}={}", word, targets::ToUnixSeconds(*time));
  };
  add("settled", record.settled_due);
  add("attempt", record.last_attempt);
  add("success", record.last_success);
  add("retry_at", record.retry_at);
  if (record.retries != 0) line += fmt::format(" retries={}", record.retries);
  if (record.running) line += " running=1";
  return line + "\n";
}

std::optional<long long> ParseNumber(std::string_view text, long long most) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number >= 0 && number <= most ? std::optional(number) : std::nullopt;
}

/// "settled=1728412800". False: it is damaged.
bool ReadWord(std::string_view text, JobRecord& record) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) return false;
  const std::string_view word = text.substr(0, sign);
  const std::string_view value = text.substr(sign + 1);
  const auto read_time = [value](std::optional<UnixTime>& time) {
    const auto seconds = ParseNumber(value, kLatestTime);
    if (seconds) time = targets::FromUnixSeconds(*seconds);
    return seconds.has_value();
  };
  if (word == "settled") return read_time(record.settled_due);
  if (word == "attempt") return read_time(record.last_attempt);
  if (word == "success") return read_time(record.last_success);
  if (word == "retry_at") return read_time(record.retry_at);
  if (word == "retries") {
    const auto retries = ParseNumber(value, kMostRetries);
    if (retries) record.retries = static_cast<int>(*retries);
    return retries.has_value();
  }
  if (word == "running") {
    record.running = value == "1";
    return value == "0" || value == "1";
  }
  return true;  // of a later version
}

std::optional<JobRecord> ReadWords(std::string_view text) {
  JobRecord record;
  for (const std::string_view word : targets::Split(text, ' ')) {
    if (!word.empty() && !ReadWord(word, record)) return std::nullopt;
  }
  return record;
}

void ReadLine(std::string_view line, ParsedRecords& parsed) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::optional<Stage> stage = targets::StageFromName(line.substr(0, end));
  const std::optional<JobRecord> record = ReadWords(line.substr(end));
  if (!record || (stage && parsed.records.contains(*stage))) {
    parsed.damages.push_back(fmt::format("\"{}\" is not a record", targets::OneLine(line, 60)));
  } else if (stage) {
    parsed.records.emplace(*stage, *record);
  }
}

}  // namespace

std::string FormatRecords(const StageRecords& records) {
  std::string text = std::string(kFirstLine) + "\n";
  for (const auto& [stage, record] : records) text += Line(stage, record);
  return text;
}

ParsedRecords ParseRecords(std::string_view text) {
  ParsedRecords parsed;
  if (!text.ends_with('\n')) parsed.damages.emplace_back("it ends in the middle of a line");
  std::vector<std::string_view> lines = targets::Split(text, '\n');
  if (lines.front() != kFirstLine) {
    return {{}, {fmt::format("its first line is not \"{}\"", kFirstLine)}};
  }
  if (lines.size() > kMostLines) return {{}, {"it has too many lines"}};
  lines.pop_back();  // what follows the last line's end, or half a line
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].empty()) ReadLine(lines[i], parsed);
  }
  return parsed;
}

std::string RecordStore::FileOf(const TargetId& target) const {
  return JoinPath(target.empty() ? folder_.RepositoryFolder() : folder_.TargetFolder(target),
                  "schedule");
}

LoadedRecords RecordStore::Load(const std::set<TargetId>& targets) {
  LoadedRecords loaded;
  std::set<TargetId> owners = targets;
  owners.insert(TargetId{});
  for (const TargetId& owner : owners) {
    for (const auto& [stage, record] : LoadFile(owner, loaded.warnings)) {
      loaded.records.emplace(JobKey{owner, stage}, record);
    }
  }
  return loaded;
}

StageRecords RecordStore::LoadFile(const TargetId& target, std::vector<std::string>& warnings) {
  const std::string path = FileOf(target);
  const auto text = files_.Read(path, kSmallFileLimit);
  if (!text) {
    warnings.push_back(text.error().message + "; its jobs begin anew");
    return {};
  }
  if (!text->has_value()) return {};
  ParsedRecords parsed = ParseRecords(**text);
  if (!parsed.damages.empty()) {
    warnings.push_back(fmt::format("{} is damaged ({})", path, parsed.damages.front()));
    SetAside(path, parsed.records, warnings);
  }
  return stored_[target] = std::move(parsed.records);
}

void RecordStore::SetAside(const std::string& path, const StageRecords& good,
                           std::vector<std::string>& warnings) {
  const std::string aside = path + ".damaged";
  Status done = files_.Rename(path, aside);
  if (done && !good.empty()) done = files_.WriteDurably(path, FormatRecords(good), kFileMode);
  warnings.back() += done ? fmt::format("; it is kept as {}, {}", aside,
                                        good.empty() ? "and its jobs begin anew"
                                                     : "and what could be read of it is used")
                          : "; it could not be set aside: " + done.error().message;
}

Status RecordStore::Store(const std::map<JobKey, JobRecord>& records) {
  std::map<TargetId, StageRecords> changed;
  for (const auto& [key, record] : records) {
    const auto [file, first] = changed.try_emplace(key.target);
    if (first) {
      const auto stored = stored_.find(key.target);
      std::vector<std::string> ignored;  // of a target that a new configuration brought back
      file->second = stored != stored_.end() ? stored->second : LoadFile(key.target, ignored);
    }
    file->second.insert_or_assign(key.stage, record);
  }
  for (auto& [target, stages] : changed) {
    if (Status stored = StoreFile(target, std::move(stages)); !stored) return stored;
  }
  return {};
}

Status RecordStore::StoreFile(const TargetId& target, StageRecords records) {
  const auto stored = stored_.find(target);
  if (stored != stored_.end() && stored->second == records) return {};
  if (!target.empty()) {
    if (Status made = folder_.PrepareTarget(target); !made) return made;
  }
  const std::string path = FileOf(target);
  Status written = files_.WriteDurably(path, FormatRecords(records), kFileMode);
  if (!written) return targets::FailWithContext("cannot remember the schedule", written.error());
  stored_.insert_or_assign(target, std::move(records));
  return {};
}

}  // namespace runner
