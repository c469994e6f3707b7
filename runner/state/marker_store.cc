#include "runner/state/marker_store.h"

#include <fmt/format.h>

#include "runner/base/file_path.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

constexpr std::uint32_t kFileMode =
    0644;  // readable for a healthcheck that shares the folder; free of secrets

bool IsFailure(MarkerStatus status) {
  return status == MarkerStatus::kFailed || status == MarkerStatus::kBlocked;
}

}  // namespace

MarkerStore::MarkerStore(FileSystem& files, const targets::Redactor& redactor, StateFolder folder)
    : files_(files), redactor_(redactor), folder_(std::move(folder)) {}

std::string MarkerStore::FolderOfKey(const MarkerKey& key) const {
  return key.target.empty() ? folder_.RepositoryFolder() : folder_.TargetFolder(key.target);
}

std::string MarkerStore::StatusFile(const MarkerKey& key) const {
  return JoinPath(FolderOfKey(key), fmt::format("{}_status", targets::StageName(key.stage)));
}

std::string MarkerStore::LastSuccessFile(const MarkerKey& key) const {
  return JoinPath(FolderOfKey(key), fmt::format("last_{}_success", targets::StageName(key.stage)));
}

Status MarkerStore::PrepareFolder(const MarkerKey& key) const {
  if (!key.target.empty()) return folder_.PrepareTarget(key.target);
  return files_.CreateDirectories(folder_.RepositoryFolder(), 0700);
}

/// Redacted before it is cut: half a secret is a secret too.
std::string MarkerStore::Clean(const std::string& text) const {
  return targets::OneLine(redactor_.Redact(text));
}

Result<std::optional<Marker>> MarkerStore::Read(const MarkerKey& key) const {
  const auto text = files_.Read(StatusFile(key), kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  return ParseMarker(**text);
}

std::string MarkerStore::FailureBefore(const MarkerKey& key) const {
  const auto before = Read(key);
  if (!before || !before->has_value()) return {};
  const Marker& marker = **before;
  if (marker.status == MarkerStatus::kRunning) return marker.Detail(marker_key::kPrevious);
  if (!IsFailure(marker.status)) return {};
  const long long seconds = marker.time.has_value() ? targets::ToUnixSeconds(*marker.time) : 0;
  return fmt::format("{} {} {}", MarkerStatusName(marker.status), seconds, marker.reason);
}

Status MarkerStore::Write(const MarkerKey& key, Marker marker) const {
  if (Status made = PrepareFolder(key); !made) return made;
  if (marker.status == MarkerStatus::kRunning && !marker.details.contains(marker_key::kPrevious)) {
    if (std::string before = FailureBefore(key); !before.empty())
      marker.details[marker_key::kPrevious] = before;
  }
  marker.reason = Clean(marker.reason);
  for (auto& [name, value] : marker.details) value = Clean(value);
  const Result<std::string> text = FormatMarker(marker);
  if (!text) return Fail(text.error());
  return files_.WriteDurably(StatusFile(key), *text, kFileMode);
}

Status MarkerStore::WriteSuccess(const MarkerKey& key, targets::UnixTime now, Marker marker) const {
  if (Status made = PrepareFolder(key); !made) return made;
  const std::string time = fmt::format("{}\n", targets::ToUnixSeconds(now));
  if (Status written = files_.WriteDurably(LastSuccessFile(key), time, kFileMode); !written)
    return written;
  marker.status = MarkerStatus::kSuccess;
  marker.time = now;
  return Write(key, std::move(marker));
}

Result<std::optional<targets::UnixTime>> MarkerStore::LastSuccess(const MarkerKey& key) const {
  const auto text = files_.Read(LastSuccessFile(key), kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  return ParseUnixTime(**text);
}

Status MarkerStore::Remove(const MarkerKey& key) const { return files_.Remove(StatusFile(key)); }

std::optional<Marker> PreviousFailure(const Marker& marker) {
  const std::string text = marker.Detail(marker_key::kPrevious);
  if (marker.status != MarkerStatus::kRunning || text.empty()) return std::nullopt;
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string::npos ? first : text.find(' ', first + 1);
  Marker failure;
  failure.status = text.starts_with("BLOCKED") ? MarkerStatus::kBlocked : MarkerStatus::kFailed;
  if (first != std::string::npos)
    failure.time = ParseUnixTime(text.substr(first + 1, second - first - 1));
  if (failure.time == targets::UnixTime{}) failure.time.reset();
  if (second != std::string::npos) failure.reason = text.substr(second + 1);
  return failure;
}

}  // namespace runner
