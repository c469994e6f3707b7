#pragma once

#include <optional>
#include <string>

#include "runner/base/file_system.h"
#include "runner/state/marker.h"
#include "runner/state/state_folder.h"
#include "targets/base/redactor.h"
#include "targets/base/strong_id.h"
#include "targets/model/stage.h"

namespace runner {

/// Whose marker: a stage of a target, or of the repository (then `target` is empty).
struct MarkerKey {
  targets::TargetId target = {};
  targets::Stage stage = targets::Stage::kBackup;

  bool operator==(const MarkerKey&) const = default;
};

/// Reads and writes the markers of a state folder. Reading is tolerant, writing strict, durable and
/// free of secrets. Thread-safe as long as each key has one writer at a time: whoever holds the
/// lock of the target or stage. `files` and `redactor` must outlive it.
class MarkerStore {
 public:
  MarkerStore(FileSystem& files, const targets::Redactor& redactor, StateFolder folder);

  /// No marker: nullopt. One that cannot be understood: status kUnreadable. One that cannot be
  /// read: an error.
  [[nodiscard]] targets::Result<std::optional<Marker>> Read(const MarkerKey& key) const;

  /// Replaces the marker; creates the target's folder if need be. A RUNNING marker that follows a
  /// failure (FAILED, BLOCKED, or a RUNNING that remembers one) remembers it in `previous`, until
  /// another status is written.
  [[nodiscard]] targets::Status Write(const MarkerKey& key, Marker marker) const;

  /// The last step of a stage that was proven to have succeeded: first the time of the success,
  /// then the marker (status and time are set here). A crash between the two leaves RUNNING, never
  /// a success without its time.
  [[nodiscard]] targets::Status WriteSuccess(const MarkerKey& key, targets::UnixTime now,
                                             Marker marker = {}) const;

  /// nullopt: never, or the file holds no time.
  [[nodiscard]] targets::Result<std::optional<targets::UnixTime>> LastSuccess(
      const MarkerKey& key) const;

  /// Removes the marker, not the time of the last success.
  [[nodiscard]] targets::Status Remove(const MarkerKey& key) const;

  [[nodiscard]] std::string StatusFile(const MarkerKey& key) const;
  [[nodiscard]] std::string LastSuccessFile(const MarkerKey& key) const;

 private:
  [[nodiscard]] std::string FolderOfKey(const MarkerKey& key) const;
  [[nodiscard]] targets::Status PrepareFolder(const MarkerKey& key) const;
  [[nodiscard]] std::string Clean(const std::string& text) const;
  [[nodiscard]] std::string FailureBefore(const MarkerKey& key) const;

  FileSystem& files_;
  const targets::Redactor& redactor_;
  StateFolder folder_;
};

/// The failure that a RUNNING marker remembers (`previous`), if it does.
std::optional<Marker> PreviousFailure(const Marker& marker);

}  // namespace runner
