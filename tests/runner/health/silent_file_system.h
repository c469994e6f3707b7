#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/memory_file_system.h"

namespace runner::testing {

/// A MemoryFileSystem of which some paths are on network mounts that are gone: who looks at them
/// hangs, until the destructor lets them go with an error and waits until they went.
class SilentFileSystem final : public FileSystem {
 public:
  SilentFileSystem(MemoryFileSystem& inner, std::set<std::string> silent)
      : inner_(inner), silent_(std::move(silent)) {}
  ~SilentFileSystem() override {
    std::unique_lock lock(mutex_);
    answers_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return hanging_ == 0; });
  }
  SilentFileSystem(const SilentFileSystem&) = delete;
  SilentFileSystem& operator=(const SilentFileSystem&) = delete;

  /// Waits until so many threads hang.
  void AwaitHanging(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return hanging_ >= count; });
  }

  targets::Result<std::optional<FileInfo>> Stat(const std::string& path,
                                                LinkHandling links) override {
    return silent_.contains(path) ? Hang(path) : inner_.Stat(path, links);
  }
  targets::Result<std::optional<std::string>> Read(const std::string& path,
                                                   std::size_t limit) override {
    return inner_.Read(path, limit);
  }
  targets::Result<bool> SameContent(const std::string& one, const std::string& other) override {
    return inner_.SameContent(one, other);
  }
  targets::Status WriteDurably(const std::string& path, const std::string& content,
                               std::uint32_t mode) override {
    return inner_.WriteDurably(path, content, mode);
  }
  targets::Status Remove(const std::string& path) override { return inner_.Remove(path); }
  targets::Status CreateDirectories(const std::string& path, std::uint32_t mode) override {
    return inner_.CreateDirectories(path, mode);
  }
  targets::Result<std::vector<std::string>> List(const std::string& path,
                                                 std::size_t limit) override {
    return inner_.List(path, limit);
  }
  targets::Status Rename(const std::string& from, const std::string& to) override {
    return inner_.Rename(from, to);
  }
  targets::Result<bool> Move(const std::string& from, const std::string& to) override {
    return inner_.Move(from, to);
  }
  targets::Status RemoveTree(const std::string& path) override { return inner_.RemoveTree(path); }
  targets::Status SyncAll(const std::string& path) override { return inner_.SyncAll(path); }
  targets::Status CopyAttributes(const std::string& from, const std::string& to) override {
    return inner_.CopyAttributes(from, to);
  }
  targets::Status SetModified(const std::string& path, targets::UnixTime time,
                              int nanoseconds) override {
    return inner_.SetModified(path, time, nanoseconds);
  }
  targets::Result<std::string> RealPath(const std::string& path) override {
    return inner_.RealPath(path);
  }
  bool Writable(const std::string& path) override { return inner_.Writable(path); }
  targets::Status ChangeOwner(const std::string& path, std::uint32_t uid,
                              std::uint32_t gid) override {
    return inner_.ChangeOwner(path, uid, gid);
  }
  targets::Result<SpaceInfo> Space(const std::string& path) override { return inner_.Space(path); }
  targets::Result<bool> IsMountPoint(const std::string& path) override {
    return inner_.IsMountPoint(path);
  }
  targets::Result<std::unique_ptr<FileLock>> TryLock(const std::string& path,
                                                     LockMode mode) override {
    return inner_.TryLock(path, mode);
  }
  targets::Result<bool> IsLocked(const std::string& path) override { return inner_.IsLocked(path); }

 private:
  targets::Result<std::optional<FileInfo>> Hang(const std::string& path) {
    std::unique_lock lock(mutex_);
    ++hanging_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return answers_; });
    --hanging_;
    changed_.notify_all();
    return targets::Fail(path + ": Stale file handle");
  }

  MemoryFileSystem& inner_;
  const std::set<std::string> silent_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool answers_ = false;
  int hanging_ = 0;
};

}  // namespace runner::testing
