#pragma once

#include <fmt/format.h>

#include <string>

#include "tests/support/memory_file_system.h"

namespace runner::testing {

/// Writes what /proc says of one process: its name, its state and the tick at which it was born.
inline void AddProcess(MemoryFileSystem& files, int pid, const std::string& name, long birth,
                       char state = 'S') {
  files.AddFile(fmt::format("/proc/{}/stat", pid),
                fmt::format("{} ({}) {} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 {} 20 21\n",
                            pid, name, state, birth));
  files.AddFile(fmt::format("/proc/{}/comm", pid), name + "\n");
}

inline void RemoveProcess(MemoryFileSystem& files, int pid) {
  (void)files.Remove(fmt::format("/proc/{}/stat", pid));
  (void)files.Remove(fmt::format("/proc/{}/comm", pid));
}

}  // namespace runner::testing
