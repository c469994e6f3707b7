#pragma once

#include <string>
#include <vector>

#include "targets/model/snapshot_tree.h"
#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"

namespace runner::testing {

/// Plays `restic ls` and `restic restore` of one snapshot, whose files come into being in a
/// MemoryFileSystem, unsynced as the real restic leaves them. Knows --include of whole paths. Make
/// it after a FakeRestic.
class FakeRestore {
 public:
  struct Entry {
    targets::TreeNode node;
    std::string content;  // of a file; the destination of a link
  };

  /// Of every entry that has no time of its own.
  static constexpr targets::UnixTime kModified{targets::Duration{1'500'000'000}};

  FakeRestore(FakeProcessRunner& processes, MemoryFileSystem& files);

  /// Adds an entry after those that are there; its folder must come before it.
  void AddFolder(const std::string& path, std::uint32_t mode = 0755);
  void AddFile(const std::string& path, const std::string& content);
  void AddLink(const std::string& path, const std::string& destination);

  std::vector<Entry> tree;
  /// What happens to one entry while it is restored: it is left out, or its content is cut.
  std::string loses;
  std::string cuts;
  std::string garbles;  // other bytes, as many
  int restores = 0;

 private:
  Script Restore(const ProcessSpec& spec);
  void WriteAll(const ProcessSpec& spec, std::string& complaints);

  MemoryFileSystem& files_;
};

}  // namespace runner::testing
