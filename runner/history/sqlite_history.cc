#include "runner/history/sqlite_history.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "runner/base/file_path.h"
#include "runner/base/system_call.h"
#include "runner/history/clean_record.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

constexpr const char* kName = "history.sqlite";
constexpr const char* kDamaged = ".damaged-";
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kFolderLimit = 100'000;

tl::unexpected<HistoryTrouble> Other(targets::Error error) {
  return tl::unexpected(HistoryTrouble{HistoryTrouble::Kind::kOther, std::move(error)});
}

}  // namespace

SqliteHistory::SqliteHistory(FileSystem& files, const Clock& clock,
                             const targets::Redactor& redactor, StateFolder folder,
                             std::span<const Migration> migrations)
    : files_(files),
      clock_(clock),
      redactor_(redactor),
      folder_(std::move(folder)),
      migrations_(migrations) {}

SqliteHistory::~SqliteHistory() = default;

std::string SqliteHistory::Path() const { return JoinPath(folder_.root(), kName); }

Result<Appended> SqliteHistory::Append(const RunRecord& run) {
  const RunRecord clean = CleanRecord(run, redactor_);
  const std::lock_guard lock(mutex_);
  auto id = TryAppend(clean);
  if (id) return Appended{*id, ""};
  file_.reset();
  if (id.error().kind != HistoryTrouble::Kind::kDamaged) return Fail(id.error().error);
  auto aside = SetAside();
  if (!aside) return Fail(aside.error());
  id = TryAppend(clean);
  if (!id) return Fail(id.error().error);
  return Appended{*id, *std::move(aside)};
}

HistoryResult<std::int64_t> SqliteHistory::TryAppend(const RunRecord& run) {
  if (file_ == nullptr || !IsStillTheFile()) {
    if (auto connected = ConnectVerified(); !connected) return tl::unexpected(connected.error());
  }
  return file_->Insert(run);
}

/// Somebody may have moved it away: what is written to it then would be seen by nobody.
bool SqliteHistory::IsStillTheFile() const {
  const auto info = files_.Stat(Path(), LinkHandling::kFollow);
  return info && info->has_value() && (*info)->inode == inode_;
}

HistoryResult<void> SqliteHistory::Connect() {
  file_.reset();
  if (auto made = MakeFile(); !made) return made;
  auto file = HistoryFile::Open(Path(), migrations_);
  if (!file) return tl::unexpected(std::move(file.error()));
  const auto info = files_.Stat(Path(), LinkHandling::kFollow);
  inode_ = info && info->has_value() ? (*info)->inode : 0;
  file_ = *std::move(file);
  return {};
}

HistoryResult<void> SqliteHistory::ConnectVerified() {
  if (auto connected = Connect(); !connected) return connected;
  auto verified = file_->Verify();
  if (!verified) file_.reset();
  return verified;
}

/// It appears whole, with its tables: of several processes that begin at once, none meets it half
/// made, when SQLite does not wait for locks. SQLite would make it with the mode that the umask
/// leaves; the files beside it take this one's.
HistoryResult<void> SqliteHistory::MakeFile() const {
  const std::string path = Path();
  const auto there = files_.Stat(path, LinkHandling::kNoFollow);
  if (!there) return Other(there.error());
  if (there->has_value()) return {};
  static std::atomic<int> count{0};
  const std::string fresh =
      JoinPath(folder_.root(), fmt::format(".{}.tmp-{}-{}", kName, getpid(), 1000 + count++));
  if (!Open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode).valid())
    return Other(SystemError("create", path, errno).value());
  if (auto made = HistoryFile::Open(fresh, migrations_); !made) {
    static_cast<void>(files_.Remove(fresh));
    return tl::unexpected(std::move(made.error()));
  }
  const auto moved = files_.Move(fresh, path);
  if (moved && *moved) return {};
  static_cast<void>(files_.Remove(fresh));
  return moved ? HistoryResult<void>() : Other(moved.error());
}

/// Under a lock and after another look: of two processes that find the damage only one moves the
/// file, and never the new one.
Result<std::string> SqliteHistory::SetAside() {
  const std::string path = Path();
  const auto lock = files_.TryLock(JoinPath(folder_.root(), "history.lock"), LockMode::kExclusive);
  if (!lock) return Fail(lock.error());
  if (*lock == nullptr) return Fail(path + " is damaged, and another process sets it aside now");
  const auto again = ConnectVerified();
  if (again) return std::string();
  if (again.error().kind != HistoryTrouble::Kind::kDamaged) return Fail(again.error().error);
  const std::string aside =
      fmt::format("{}{}{}", path, kDamaged, targets::ToUnixSeconds(clock_.Now()));
  for (const char* suffix : {"-wal", "-shm", ""}) {
    const auto there = files_.Stat(path + suffix, LinkHandling::kNoFollow);
    if (there && !there->has_value()) continue;
    if (const Status moved = files_.Rename(path + suffix, aside + suffix); !moved)
      return Fail(moved.error());
  }
  RemoveOldDamaged();
  return fmt::format("the history was damaged ({}); it was set aside as {}, and a new one begins",
                     again.error().error.message, aside);
}

/// Their names sort by time. What cannot be removed is ugly, not wrong.
void SqliteHistory::RemoveOldDamaged() const {
  const auto names = files_.List(folder_.root(), kFolderLimit);
  if (!names) return;
  std::vector<std::string> damaged;
  for (const std::string& name : *names) {
    if (name.starts_with(std::string(kName) + kDamaged) && !name.ends_with("-wal") &&
        !name.ends_with("-shm"))
      damaged.push_back(name);
  }
  if (damaged.size() <= kDamagedKept) return;
  damaged.resize(damaged.size() - kDamagedKept);
  for (const std::string& name : damaged) {
    for (const char* suffix : {"-wal", "-shm", ""})
      static_cast<void>(files_.Remove(JoinPath(folder_.root(), name + suffix)));
  }
}

/// `nothing` is the answer where there is no file.
template <typename T>
Result<T> SqliteHistory::Ask(T nothing,
                             const std::function<HistoryResult<T>(HistoryFile&)>& question) {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr || !IsStillTheFile()) {
    const auto there = files_.Stat(Path(), LinkHandling::kFollow);
    if (!there) return Fail(there.error());
    if (!there->has_value()) return nothing;
    if (auto connected = Connect(); !connected) return Fail(connected.error().error);
  }
  auto answer = question(*file_);
  if (answer) return *std::move(answer);
  file_.reset();
  return Fail(answer.error().error);
}

Result<HistoryPage> SqliteHistory::Select(const HistoryQuery& query) {
  return Ask<HistoryPage>({}, [&](HistoryFile& file) { return file.Select(query); });
}

Result<std::vector<RunRecord>> SqliteHistory::Newest(NewestOf which) {
  return Ask<std::vector<RunRecord>>({}, [&](HistoryFile& file) { return file.Newest(which); });
}

Result<OutlinePage> SqliteHistory::Outline(const OutlineQuery& query) {
  return Ask<OutlinePage>({}, [&](HistoryFile& file) { return file.Outline(query); });
}

Result<std::optional<RunRecord>> SqliteHistory::Find(std::int64_t id) {
  return Ask<std::optional<RunRecord>>({}, [&](HistoryFile& file) { return file.Find(id); });
}

Result<std::size_t> SqliteHistory::Trim(targets::UnixTime before) {
  return Ask<std::size_t>(0, [&](HistoryFile& file) { return file.Trim(before); });
}

}  // namespace runner
