#include "runner/state/state_folder.h"

#include <fmt/format.h>

#include <charconv>

#include "runner/base/file_path.h"
#include "runner/base/posix_file_system.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Error;
using targets::Fail;
using targets::Result;
using targets::Stage;
using targets::Status;
using targets::TargetId;

constexpr std::uint32_t kFolderMode = 0700;
// The jobs may run as somebody else and must reach the cache below it; everything else below it is
// closed to them.
constexpr std::uint32_t kRootMode = 0711;
constexpr std::uint32_t kFileMode = 0600;
constexpr targets::Duration kLeftoverAge{3600};  // a write that is still going on is younger
constexpr std::size_t kFolderLimit = 100'000;

tl::unexpected<Error> Unusable(const std::string& root, Error error) {
  std::string hint = "set state_dir or RUNNER_STATE_DIR to a folder that this user may write";
  if (!error.hint.empty()) hint = error.hint + "; or " + hint;
  return Fail(fmt::format("the state folder {} cannot be used: {}", root, error.message),
              std::move(hint));
}

}  // namespace

StateFolder::StateFolder(FileSystem& files, std::string root)
    : files_(&files), root_(std::move(root)) {}

std::string StateFolder::VersionFile() const { return JoinPath(root_, "version"); }
std::string StateFolder::TargetsFolder() const { return JoinPath(root_, "targets"); }
std::string StateFolder::TargetFolder(const TargetId& id) const {
  return JoinPath(TargetsFolder(), id.str());
}
std::string StateFolder::RepositoryFolder() const { return JoinPath(root_, "repository"); }
std::string StateFolder::DaemonFile() const { return JoinPath(root_, "daemon.json"); }
std::string StateFolder::CacheFolder() const { return JoinPath(root_, "cache"); }

Status StateFolder::Prepare(targets::UnixTime now) const {
  for (const std::string& folder : {root_, TargetsFolder(), RepositoryFolder()}) {
    if (const Status made =
            files_->CreateDirectories(folder, folder == root_ ? kRootMode : kFolderMode);
        !made) {
      return Unusable(root_, made.error());
    }
  }
  if (Status checked = CheckVersion(); !checked) return checked;
  RemoveLeftovers(root_, now);
  RemoveLeftovers(RepositoryFolder(), now);
  return {};
}

Status StateFolder::CheckVersion() const {
  const auto text = files_->Read(VersionFile(), kSmallFileLimit);
  if (!text) return Unusable(root_, text.error());
  if (!text->has_value()) {
    const Status written =
        files_->WriteDurably(VersionFile(), fmt::format("{}\n", kVersion), kFileMode);
    if (!written) return Unusable(root_, written.error());
    return {};
  }
  const std::string_view word = targets::TrimSpace(**text);
  int version = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), version);
  if (error != std::errc{} || end != word.data() + word.size() || version < 1) {
    return Fail(
        fmt::format("{}: \"{}\" is not a version", VersionFile(), targets::OneLine(word, 40)),
        fmt::format("if this is the runner's state folder, write {} into that file", kVersion));
  }
  if (version > kVersion) {
    return Fail(fmt::format("the state folder {} has version {}, this runner knows only {}", root_,
                            version, kVersion),
                "a newer runner wrote it: use that one, or another state_dir");
  }
  return {};
}

void StateFolder::RemoveLeftovers(const std::string& folder, targets::UnixTime now) const {
  const auto names = files_->List(folder, kFolderLimit);
  if (!names) return;  // what matters in there is read, and complained about, elsewhere
  for (const std::string& name : *names) {
    if (!IsTemporaryName(name)) continue;
    const std::string path = JoinPath(folder, name);
    const auto info = files_->Stat(path, LinkHandling::kNoFollow);
    if (!info || !info->has_value() || (*info)->modified > now - kLeftoverAge) continue;
    (void)files_->Remove(path);  // rubbish that stays is ugly, not wrong
  }
}

Status StateFolder::PrepareTarget(const TargetId& id) const {
  const Status made = files_->CreateDirectories(TargetFolder(id), kFolderMode);
  if (!made) return Unusable(root_, made.error());
  return {};
}

StateFolder::Lock StateFolder::TryLockTarget(const TargetId& id) const {
  if (const Status made = PrepareTarget(id); !made) return Fail(made.error());
  return files_->TryLock(JoinPath(TargetFolder(id), "lock"), LockMode::kExclusive);
}

StateFolder::Lock StateFolder::TryLockRepositoryStage(Stage stage) const {
  return files_->TryLock(
      JoinPath(RepositoryFolder(), fmt::format("{}.lock", targets::StageName(stage))),
      LockMode::kExclusive);
}

StateFolder::Lock StateFolder::TryLockDaemon() const {
  return files_->TryLock(JoinPath(root_, "daemon.lock"), LockMode::kExclusive);
}

Result<bool> StateFolder::TargetIsLocked(const TargetId& id) const {
  return files_->IsLocked(JoinPath(TargetFolder(id), "lock"));
}

Result<bool> StateFolder::RepositoryStageIsLocked(Stage stage) const {
  return files_->IsLocked(
      JoinPath(RepositoryFolder(), fmt::format("{}.lock", targets::StageName(stage))));
}

Result<bool> StateFolder::DaemonIsLocked() const {
  return files_->IsLocked(JoinPath(root_, "daemon.lock"));
}

}  // namespace runner
