#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/history/history_file.h"
#include "runner/history/history_store.h"
#include "runner/state/state_folder.h"
#include "targets/base/redactor.h"

namespace runner {

/// The history in `history.sqlite` of the state folder (docs/formats/history.md). Opened when it is
/// first needed. `files` must be the machine's: SQLite itself opens the file. All arguments outlive
/// it.
///
/// Who appends finds out whether the file is damaged, and sets it aside as
/// `history.sqlite.damaged-<Unix seconds>`, of which kDamagedKept stay. Who only reads changes
/// nothing but the version; no file means no runs.
class SqliteHistory final : public HistoryStore {
 public:
  static constexpr std::size_t kDamagedKept = 3;

  SqliteHistory(FileSystem& files, const Clock& clock, const targets::Redactor& redactor,
                StateFolder folder, std::span<const Migration> migrations = HistoryMigrations());
  ~SqliteHistory() override;

  targets::Result<Appended> Append(const RunRecord& run) override;
  targets::Result<HistoryPage> Select(const HistoryQuery& query) override;
  targets::Result<std::vector<RunRecord>> Newest(NewestOf which) override;
  targets::Result<OutlinePage> Outline(const OutlineQuery& query) override;
  targets::Result<std::optional<RunRecord>> Find(std::int64_t id) override;
  targets::Result<std::size_t> Trim(targets::UnixTime before) override;

  [[nodiscard]] std::string Path() const;

 private:
  HistoryResult<std::int64_t> TryAppend(const RunRecord& run);
  HistoryResult<void> Connect();
  HistoryResult<void> ConnectVerified();
  [[nodiscard]] bool IsStillTheFile() const;
  [[nodiscard]] HistoryResult<void> MakeFile() const;
  targets::Result<std::string> SetAside();
  void RemoveOldDamaged() const;
  template <typename T>
  targets::Result<T> Ask(T nothing, const std::function<HistoryResult<T>(HistoryFile&)>& question);

  FileSystem& files_;
  const Clock& clock_;
  const targets::Redactor& redactor_;
  StateFolder folder_;
  std::span<const Migration> migrations_;
  std::mutex mutex_;
  std::unique_ptr<HistoryFile> file_;
  std::uint64_t inode_ = 0;  // of the open file
};

}  // namespace runner
