#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/base/file_system.h"

namespace runner::testing {

/// A file system in memory that behaves like the POSIX one, down to what a power cut keeps: content
/// and names that were not synced are lost. Each operation consists of the same steps as the real
/// one (create a temporary file, write, sync, rename, sync the folder ...), and each step can be
/// made to fail or to be the last one before a crash. Starts with "/" alone. Thread-safe.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  targets::Result<std::optional<FileInfo>> Stat(const std::string& path,
                                                LinkHandling links) override;
  targets::Result<std::optional<std::string>> Read(const std::string& path,
                                                   std::size_t limit) override;
  targets::Result<bool> SameContent(const std::string& one, const std::string& other) override;
  targets::Status WriteDurably(const std::string& path, const std::string& content,
                               std::uint32_t mode) override;
  targets::Status Remove(const std::string& path) override;
  targets::Status CreateDirectories(const std::string& path, std::uint32_t mode) override;
  targets::Result<std::vector<std::string>> List(const std::string& path,
                                                 std::size_t limit) override;
  targets::Status Rename(const std::string& from, const std::string& to) override;
  targets::Result<bool> Move(const std::string& from, const std::string& to) override;
  targets::Status RemoveTree(const std::string& path) override;
  targets::Status SyncAll(const std::string& path) override;
  targets::Status CopyAttributes(const std::string& from, const std::string& to) override;
  targets::Status SetModified(const std::string& path, targets::UnixTime time,
                              int nanoseconds) override;
  targets::Result<std::string> RealPath(const std::string& path) override;
  bool Writable(const std::string& path) override;
  targets::Status ChangeOwner(const std::string& path, std::uint32_t uid,
                              std::uint32_t gid) override;
  targets::Result<SpaceInfo> Space(const std::string& path) override;
  targets::Result<bool> IsMountPoint(const std::string& path) override;
  targets::Result<std::unique_ptr<FileLock>> TryLock(const std::string& path,
                                                     LockMode mode) override;
  targets::Result<bool> IsLocked(const std::string& path) override;

  // What a test prepares. All of it is already on the disk, parents included.
  void AddFile(const std::string& path, const std::string& content);
  void AddFolder(const std::string& path);
  /// A file that nobody has synced yet, as another program writes it.
  targets::Status WriteCarelessly(const std::string& path, const std::string& content,
                                  const FileInfo& info);
  void AddSymlink(const std::string& path, const std::string& target);
  /// As if another user owned it: the content of a file, or everything below a folder, cannot be
  /// looked at.
  void SetUnreadable(const std::string& path, bool unreadable);
  /// As if it were on a read-only mount; for what Writable() says about it and about all below it.
  void SetReadOnly(const std::string& path, bool read_only);
  void SetMountPoint(const std::string& path, bool mounted);
  void SetModified(const std::string& path, targets::UnixTime time);
  /// Of the file system that holds `path` and what is below it; the longest such path counts.
  void SetSpace(const std::string& path, SpaceInfo space);
  /// From now on writing content fails with "No space left on device".
  void SetFull(bool full);
  /// The time that new and changed files get.
  void SetTime(targets::UnixTime time);

  // What goes wrong. Steps are counted from 1, starting anew with each of these calls.
  void FailStep(int step);
  /// The machine stops right before that step: this step and all later operations fail until one of
  /// the Crash calls.
  void StopBeforeStep(int step);
  /// Steps since the last FailStep or StopBeforeStep.
  [[nodiscard]] int Steps() const;
  [[nodiscard]] bool Stopped() const;

  /// A power cut: everything unsynced is lost, all locks are free.
  void CrashAndLoseUnsynced();
  /// kill -9, or a power cut after the system happened to write everything: nothing is lost, all
  /// locks are free.
  void CrashAndKeepUnsynced();

  /// All paths but "/", sorted; to find rubbish.
  [[nodiscard]] std::vector<std::string> Tree() const;

  struct Node;  // for the implementation

 private:
  using NodePtr = std::shared_ptr<Node>;
  struct Place;

  targets::Status Step(const char* action, const std::string& path);
  NodePtr Make(FileType type, std::uint32_t mode);
  targets::Result<Place> Locate(const std::string& path, LinkHandling links, int depth = 0,
                                std::string* resolved = nullptr) const;
  targets::Result<Place> LocateFolderOf(const std::string& path) const;
  targets::Status CreateDirectory(const std::string& path, std::uint32_t mode);
  targets::Status WriteTemporary(Node& folder, const std::string& name, const std::string& path,
                                 const std::string& content, std::uint32_t mode);
  targets::Status RemoveBelow(Node& folder, const std::string& path);
  NodePtr Prepared(const std::string& path);

  mutable std::mutex mutex_;
  NodePtr root_;
  std::uint64_t next_inode_ = 1;
  unsigned next_temporary_ = 0;
  targets::UnixTime now_{};
  std::map<std::string, SpaceInfo> space_;
  std::set<std::string> read_only_;
  bool full_ = false;
  int steps_ = 0;
  int fail_step_ = 0;
  int stop_step_ = 0;
  bool stopped_ = false;
};

}  // namespace runner::testing
