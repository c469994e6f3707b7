#pragma once

#include <optional>
#include <string>

#include "runner/base/file_system.h"
#include "targets/base/strong_id.h"

namespace runner {

/// What a restore has reached; it lies in its staging folder and so travels with the data.
struct RestoreJournal {
  enum class Phase {
    kStaging,  // nothing of it is in the destination yet: it may be thrown away
    kMoving,   // verified and durable; its entries are being renamed into the destination
  };
  Phase phase = Phase::kStaging;
  targets::SnapshotId snapshot;
  std::string root;    // the folder in the snapshot whose content is moved
  bool merge = false;  // entries of the same name are replaced
  /// Of the restored folder itself, which it gets back at the end.
  targets::UnixTime modified{};
  int modified_nanoseconds = 0;

  bool operator==(const RestoreJournal&) const = default;
};

/// The folder inside of `destination` in which a restore is prepared: the same file system, so that
/// everything can be renamed into place, and never backed up.
class StagingFolder {
 public:
  explicit StagingFolder(std::string destination) : destination_(std::move(destination)) {}

  [[nodiscard]] const std::string& destination() const { return destination_; }
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string tree() const { return path() + "/tree"; }
  /// Where a folder of the snapshot lies once it is restored.
  [[nodiscard]] std::string Restored(const std::string& path_in_snapshot) const;

  /// True if a restore left it, or is at work.
  [[nodiscard]] targets::Result<bool> Exists(FileSystem& files) const;
  /// nullopt: there is none; then nothing was moved yet, or everything. Errors: it cannot be read,
  /// or makes no sense.
  [[nodiscard]] targets::Result<std::optional<RestoreJournal>> ReadJournal(FileSystem& files) const;
  [[nodiscard]] targets::Status WriteJournal(FileSystem& files,
                                             const RestoreJournal& journal) const;

 private:
  std::string destination_;
};

}  // namespace runner
