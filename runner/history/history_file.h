#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "runner/history/history_store.h"
#include "runner/history/migrations.h"

namespace Poco::Data {
class Session;
}

namespace runner {

/// Why something could not be done with a history file.
struct HistoryTrouble {
  enum class Kind {
    kDamaged,  // it is no SQLite file, or a broken one
    kOther,    // locked, read-only, a full disk, of a newer runner
  };
  Kind kind = Kind::kOther;
  targets::Error error;
};

template <typename T>
using HistoryResult = tl::expected<T, HistoryTrouble>;

/// An open SQLite file of runs. Exceptions of the library end here. One thread at a time.
///
/// Write-ahead log, so that who reads never waits for who writes. Each run is synced
/// (synchronous=FULL): one fsync a run costs nothing beside the run, and a power cut takes none of
/// those that were told. A lock of another process is waited for kBusySeconds.
class HistoryFile {
 public:
  static constexpr int kBusySeconds = 5;

  /// Opens or makes it, and brings it to the newest version. A file of a newer version is left as
  /// it is: an error.
  static HistoryResult<std::unique_ptr<HistoryFile>> Open(const std::string& path,
                                                          std::span<const Migration> migrations);
  ~HistoryFile();
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;

  /// Reads all of it; damage that a single query may miss is found.
  HistoryResult<void> Verify();

  HistoryResult<std::int64_t> Insert(const RunRecord& run);
  HistoryResult<HistoryPage> Select(const HistoryQuery& query);
  HistoryResult<std::vector<RunRecord>> Newest(NewestOf which);
  HistoryResult<OutlinePage> Outline(const OutlineQuery& query);
  HistoryResult<std::optional<RunRecord>> Find(std::int64_t id);
  HistoryResult<std::size_t> Trim(targets::UnixTime before);

 private:
  HistoryFile(std::string path, std::unique_ptr<Poco::Data::Session> session);

  std::string path_;
  std::unique_ptr<Poco::Data::Session> session_;
};

}  // namespace runner
