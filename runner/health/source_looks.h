#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/health/input.h"
#include "runner/jobs/source_state.h"
#include "targets/model/target.h"

namespace runner {

/// A source to be looked at.
struct SourcePlace {
  targets::DirectorySource source;
  targets::Guards guard;
};

/// What a look found.
struct SourceLook {
  SourceReport source;
  std::optional<DiskInput> disk;  // of the source, if it could be looked at
  bool answered = true;
};

/// Looks at sources without hanging with a dead network mount: in a thread, while the caller does
/// something else and then waits for a bounded time. If nothing more comes for one of the kSteps
/// other threads go on with what is left, each time twice as many: neither one dead mount nor a
/// dead server with a hundred sources hides the others.
///
/// A thread that hangs in the kernel cannot be ended; it stays when this object is gone. Then
/// `files` must live as long as the program, which has to end by std::_Exit. The kernel lets go of
/// a process that waits for a network file system; one that waits for a broken disk may stay, with
/// its verdict printed, until the disk answers.
class SourceLooks {
 public:
  static constexpr int kSteps = 8;
  static constexpr std::chrono::milliseconds kStep{250};

  /// Returns when `answered` is `all`, or a kStep later. `changed` is notified with each answer.
  using Nap =
      std::function<void(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                         const std::size_t& answered, std::size_t all)>;

  /// Begins at once. `nap`: for tests.
  SourceLooks(FileSystem& files, std::vector<SourcePlace> places, Nap nap = {});

  /// In the order of the places. One that did not answer is reported as unreadable. Call it once.
  std::vector<SourceLook> Await();

  /// After Await(): a thread still hangs.
  [[nodiscard]] bool Hangs() const { return hangs_; }

 private:
  struct Shared;
  void Go();

  std::shared_ptr<Shared> shared_;  // with the threads
  Nap nap_;
  bool hangs_ = false;
};

}  // namespace runner
