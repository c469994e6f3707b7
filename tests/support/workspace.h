#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace runner::testing {

/// What a program did.
struct Ran {
  int code = -1;   // exit code, or -1 if a signal ended it
  int signal = 0;  // that signal
  std::string out;
  std::string err;

  [[nodiscard]] std::string all() const { return out + err; }
};

/// A program that runs beside the test. The destructor kills it (its own process id only) and
/// waits.
class Background {
 public:
  Background(pid_t pid, std::string out_file, std::string err_file);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  [[nodiscard]] bool Alive() const;
  [[nodiscard]] std::string OutputSoFar() const;
  Ran Wait();

 private:
  pid_t pid_;
  bool waited_ = false;
  std::string out_file_;
  std::string err_file_;
};

/// A folder of its own for one test, removed at the end, and the built program with an environment
/// in which nothing of the machine's own configuration is visible.
class Workspace {
 public:
  /// `restic`: the program that the runner and Restic() use.
  explicit Workspace(std::string restic = "restic");
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] const std::string& dir() const { return dir_; }
  [[nodiscard]] static std::string program();
  [[nodiscard]] std::string Path(const std::string& name) const { return dir_ + "/" + name; }

  void Write(const std::string& name, const std::string& content, int mode = 0644) const;
  void MakeFolder(const std::string& name) const;
  [[nodiscard]] std::string Read(const std::string& name) const;  // "" if absent
  [[nodiscard]] bool Exists(const std::string& name) const;

  /// Variables of every later run; an empty value removes one.
  void Set(const std::string& name, const std::string& value);

  Ran Runner(const std::vector<std::string>& arguments) const;
  /// restic itself on the repository "repo" of this folder with the password "correct horse".
  Ran Restic(const std::vector<std::string>& arguments) const;
  Ran Run(const std::vector<std::string>& argv) const;
  [[nodiscard]] std::unique_ptr<Background> StartRunner(
      const std::vector<std::string>& arguments) const;
  /// The same below another program: `tracer... runner arguments...`.
  [[nodiscard]] std::unique_ptr<Background> StartTraced(
      const std::vector<std::string>& tracer, const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::unique_ptr<Background> Start(const std::vector<std::string>& argv) const;

  /// The ids in the repository that bear the tag.
  [[nodiscard]] std::vector<std::string> SnapshotIds(const std::string& tag) const;
  /// The first ids of those that were rewritten since.
  [[nodiscard]] std::vector<std::string> OriginalIds(const std::string& tag) const;

  /// The start of a configuration: instance "test", a folder repository "repo" with that password,
  /// state in "state". `more_repository` are further lines below `repository:`.
  [[nodiscard]] std::string ConfigHead(const std::string& more_repository = "") const;

 private:
  [[nodiscard]] std::vector<std::string> FieldOfSnapshots(const std::string& tag,
                                                          const char* field) const;

  std::string dir_;
  std::string restic_;
  std::map<std::string, std::string> environment_;
};

/// Waits until `condition` holds; false after a generous limit (a minute), which only a failure
/// reaches.
template <typename Condition>
bool Eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// The two releases that must work: "system" is restic of PATH (Debian's), "newest" is
/// $RESTIC_BIN_NEW (tools/newest-restic.sh). Empty if that one is not here: such a test skips and
/// says so.
std::string ResticProgram(const std::string& which);

}  // namespace runner::testing
