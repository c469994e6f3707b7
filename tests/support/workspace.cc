#include "tests/support/workspace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#ifndef RUNNER_PROGRAM
#error "RUNNER_PROGRAM is the path of the built program and comes from the build"
#endif

namespace runner::testing {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

int OpenForOutput(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Ran Collect(int status, const std::string& out_file, const std::string& err_file) {
  Ran ran;
  if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
  ran.out = ReadFile(out_file);
  ran.err = ReadFile(err_file);
  return ran;
}

}  // namespace

std::string ResticProgram(const std::string& which) {
  if (which == "system") return "restic";
  const char* newest = std::getenv("RESTIC_BIN_NEW");
  return newest == nullptr ? "" : newest;
}

Background::Background(pid_t pid, std::string out_file, std::string err_file)
    : pid_(pid), out_file_(std::move(out_file)), err_file_(std::move(err_file)) {}

Background::~Background() {
  if (waited_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Background::Signal(int signal) const { kill(pid_, signal); }

bool Background::Alive() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

std::string Background::OutputSoFar() const { return ReadFile(out_file_) + ReadFile(err_file_); }

Ran Background::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  waited_ = true;
  return Collect(status, out_file_, err_file_);
}

Workspace::Workspace(std::string restic) : restic_(std::move(restic)) {
  std::string pattern = (fs::temp_directory_path() / "runner-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  dir_ = pattern;
  chmod(dir_.c_str(), 0755);
  for (const char* name : {"PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment_[name] = value;
  }
  environment_["HOME"] = dir_;
  environment_["TMPDIR"] = dir_;
  environment_["RESTIC_BIN"] = restic_;
  environment_["RUNNER_CONFIG"] = Path("backup.yaml");
}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

std::string Workspace::program() { return RUNNER_PROGRAM; }

void Workspace::Write(const std::string& name, const std::string& content, int mode) const {
  const fs::path path = Path(name);
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  chmod(path.c_str(), static_cast<mode_t>(mode));
}

void Workspace::MakeFolder(const std::string& name) const { fs::create_directories(Path(name)); }

std::string Workspace::Read(const std::string& name) const { return ReadFile(Path(name)); }

bool Workspace::Exists(const std::string& name) const { return fs::exists(Path(name)); }

void Workspace::Set(const std::string& name, const std::string& value) {
  if (value.empty()) {
    environment_.erase(name);
  } else {
    environment_[name] = value;
  }
}

std::unique_ptr<Background> Workspace::Start(const std::vector<std::string>& argv) const {
  static std::atomic<int> counter = 0;
  const std::string base = dir_ + "/.output-" + std::to_string(++counter);
  std::vector<std::string> arguments = argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment_) variables.push_back(name + "=" + value);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> variable_pointers = Pointers(variables);
  const int out = OpenForOutput(base + ".out");
  const int err = OpenForOutput(base + ".err");
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(null, 0);
    dup2(out, 1);
    dup2(err, 2);
    if (chdir(dir_.c_str()) != 0) _exit(126);
    execvpe(argument_pointers.front(), argument_pointers.data(), variable_pointers.data());
    _exit(127);
  }
  close(out);
  close(err);
  close(null);
  return std::make_unique<Background>(pid, base + ".out", base + ".err");
}

std::unique_ptr<Background> Workspace::StartRunner(
    const std::vector<std::string>& arguments) const {
  return StartTraced({}, arguments);
}

std::unique_ptr<Background> Workspace::StartTraced(
    const std::vector<std::string>& tracer, const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = tracer;
  argv.emplace_back(RUNNER_PROGRAM);
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Start(argv);
}

Ran Workspace::Run(const std::vector<std::string>& argv) const { return Start(argv)->Wait(); }

Ran Workspace::Runner(const std::vector<std::string>& arguments) const {
  return StartRunner(arguments)->Wait();
}

Ran Workspace::Restic(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"env",
                                   "RESTIC_PASSWORD=correct horse",
                                   restic_,
                                   "--repo",
                                   Path("repo"),
                                   "--cache-dir",
                                   Path("test-cache")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Run(argv);
}

std::vector<std::string> Workspace::SnapshotIds(const std::string& tag) const {
  return FieldOfSnapshots(tag, "id");
}

std::vector<std::string> Workspace::OriginalIds(const std::string& tag) const {
  return FieldOfSnapshots(tag, "original");
}

std::vector<std::string> Workspace::FieldOfSnapshots(const std::string& tag,
                                                     const char* field) const {
  const Ran ran = Restic({"snapshots", "--json", "--no-lock", "--tag", tag});
  std::vector<std::string> values;
  rapidjson::Document document;
  document.Parse(ran.out);
  EXPECT_EQ(ran.code, 0) << ran.err;
  if (!document.IsArray()) return values;
  for (const auto& snapshot : document.GetArray()) {
    if (snapshot.HasMember(field)) values.emplace_back(snapshot[field].GetString());
  }
  return values;
}

std::string Workspace::ConfigHead(const std::string& more_repository) const {
  return "version: 1\ninstance: test\ntimezone: UTC\nstate_dir: " + Path("state") +
         "\nrepository:\n  url: " + Path("repo") + "\n  password: correct horse\n" +
         more_repository;
}

}  // namespace runner::testing
