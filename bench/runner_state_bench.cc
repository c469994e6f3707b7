// How long a marker takes to write: on the disk of the temporary folder, with its four fsyncs, and
// in memory, where only our own work is left. And how long it takes to read.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "runner/base/posix_file_system.h"
#include "runner/state/marker_store.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

constexpr targets::UnixTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};

const MarkerKey kBackup{targets::TargetId("photos"), targets::Stage::kBackup};

void Write(benchmark::State& state, FileSystem& files, const std::string& root) {
  const targets::Redactor redactor;
  const MarkerStore markers(files, redactor, StateFolder(files, root));
  for (auto _ : state) {
    if (!markers.WriteSuccess(kBackup, kNow)) state.SkipWithError("the marker cannot be written");
  }
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "state-bench-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
};

void Marker_WriteSuccessOnDisk(benchmark::State& state) {
  const Folder folder;
  PosixFileSystem files;
  Write(state, files, folder.root());
}
BENCHMARK(Marker_WriteSuccessOnDisk)->Unit(benchmark::kMicrosecond)->UseRealTime();

void Marker_WriteSuccessInMemory(benchmark::State& state) {
  testing::MemoryFileSystem files;
  Write(state, files, "/state");
}
BENCHMARK(Marker_WriteSuccessInMemory)->Unit(benchmark::kMicrosecond);

void Marker_Read(benchmark::State& state) {
  const Folder folder;
  PosixFileSystem files;
  const targets::Redactor redactor;
  const MarkerStore markers(files, redactor, StateFolder(files, folder.root()));
  if (!markers.WriteSuccess(kBackup, kNow)) state.SkipWithError("the marker cannot be written");
  for (auto _ : state) benchmark::DoNotOptimize(markers.Read(kBackup));
}
BENCHMARK(Marker_Read)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace runner
