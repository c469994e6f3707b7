#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/notify/channel_state.h"
#include "runner/state/state_folder.h"
#include "targets/base/result.h"

namespace runner {

/// Keeps what was told and what waits, in `<state>/notify/<channel>.json`: each file is replaced
/// durably as a whole. Only who holds the lock writes. `files` outlives it.
class ChannelStore {
 public:
  ChannelStore(FileSystem& files, const StateFolder& folder);

  /// nullptr: another process is just sending. Creates the folder.
  /// REQUIRES: StateFolder::Prepare() was successful.
  targets::Result<std::unique_ptr<FileLock>> TryLock();

  /// An empty one if nothing was ever stored. Errors: it is damaged or cannot be read.
  [[nodiscard]] targets::Result<ChannelState> Read(const std::string& channel) const;

  /// Moves a damaged file out of the way, as `<channel>.json.damaged`.
  targets::Status SetAside(const std::string& channel);

  targets::Status Write(const std::string& channel, const ChannelState& state);

  /// Removes what is remembered of channels that are not among these, and what a crash left.
  /// REQUIRES: the lock is held.
  void Forget(const std::vector<std::string>& all_but);

  [[nodiscard]] std::string FileOf(const std::string& channel) const;

 private:
  FileSystem& files_;
  std::string folder_;
};

}  // namespace runner
