#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/restic/key_choice.h"
#include "targets/base/time.h"

namespace runner {

/// What became of the machine key of one repository.
enum class KeyState {
  kMaking,   // begun and not finished: the runner ended meanwhile, unless one is at it now
  kInUse,    //
  kRefused,  // the repository does not take it any more
  kFailed,   // it could not be made
  kRevoked,  // a person wants none
};

/// The file `repository/machine_key.json` of the state folder (docs/formats/state.md).
struct KeyRecord {
  KeyState state = KeyState::kMaking;
  std::string repository = {};                  // its id
  std::string url = {};                         // where the key was last proven, without passwords
  std::string id = {};                          // of kInUse and kRefused
  targets::Secret password = {};                // of kInUse
  std::string reason = {};                      // of kFailed
  std::optional<targets::UnixTime> since = {};  // of the state
  /// Every key that was begun here and may still be in the repository: only these are ever removed
  /// without being asked.
  std::vector<std::string> made = {};
  /// Somebody else may read the file. Not part of it.
  bool exposed = false;

  bool operator==(const KeyRecord&) const = default;
};

/// "in_use", ...
std::string KeyStateName(KeyState state);

std::string ToJson(const KeyRecord& record);
targets::Result<KeyRecord> KeyRecordFromJson(const std::string& text);

/// Keeps the record in a file of mode 0600, written durably. `files` outlives it.
class KeyRecordStore {
 public:
  KeyRecordStore(FileSystem& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  /// nullopt: there is none. Errors: it cannot be read or understood.
  [[nodiscard]] targets::Result<std::optional<KeyRecord>> Read() const;
  [[nodiscard]] targets::Status Write(const KeyRecord& record) const;
  [[nodiscard]] std::string Path() const;

  /// Held while the record is changed or a key is made; nullptr: somebody else is at it.
  [[nodiscard]] targets::Result<std::unique_ptr<FileLock>> TryLock() const;

 private:
  FileSystem& files_;
  std::string folder_;
};

/// The key of `record`, if it may be used for `repository` at `url`.
std::optional<MachineKey> UsableKey(const KeyRecord& record, const std::string& repository,
                                    const std::string& url);

}  // namespace runner
