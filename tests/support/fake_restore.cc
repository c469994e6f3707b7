#include "tests/support/fake_restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "targets/restic/command_lines.h"

namespace runner::testing {
namespace {

using targets::NodeType;

constexpr std::uint64_t kGoFolder = 1ULL << 31U;
constexpr std::uint64_t kGoLink = 1ULL << 27U;

/// As Go's os.FileMode has it.
std::uint64_t GoMode(const targets::TreeNode& node) {
  std::uint64_t mode = node.mode & 0777U;
  if ((node.mode & 01000U) != 0) mode |= 1ULL << 20U;
  if ((node.mode & 02000U) != 0) mode |= 1ULL << 22U;
  if ((node.mode & 04000U) != 0) mode |= 1ULL << 23U;
  if (node.type == NodeType::kDirectory) mode |= kGoFolder;
  if (node.type == NodeType::kSymlink) mode |= kGoLink;
  return mode;
}

std::string Json(const targets::TreeNode& node) {
  const bool folder = node.type == NodeType::kDirectory;
  const bool link = node.type == NodeType::kSymlink;
  return fmt::format(
      R"({{"type":"{}","path":"{}","size":{},"mode":{},"uid":{},"gid":{},"mtime":"{}","struct_type":"node"}})"
      "\n",
      folder ? "dir"
      : link ? "symlink"
             : "file",
      node.path, node.size, GoMode(node), node.uid, node.gid,
      targets::FormatRfc3339(node.modified.value_or(FakeRestore::kModified)));
}

/// True if that entry, or something below it, was asked for.
bool IsWanted(const std::string& path, const targets::Argv& argv) {
  constexpr std::string_view kOption = "--include=";
  bool all = true;
  for (const std::string& word : argv) {
    if (!word.starts_with(kOption)) continue;
    all = false;
    const std::string pattern = word.substr(kOption.size());
    const std::string escaped = targets::EscapePattern(path);
    if (pattern == escaped || pattern.starts_with(escaped + "/")) return true;
  }
  return all;
}

FileType TypeOf(NodeType type) {
  if (type == NodeType::kDirectory) return FileType::kDirectory;
  return type == NodeType::kSymlink ? FileType::kSymlink : FileType::kFile;
}

}  // namespace

FakeRestore::FakeRestore(FakeProcessRunner& processes, MemoryFileSystem& files) : files_(files) {
  processes.When(HasWords({"restic", "ls"}), [this](const ProcessSpec&) {
    std::string lines = "{\"struct_type\":\"snapshot\"}\n";
    for (const Entry& entry : tree) lines += Json(entry.node);
    return Script().Prints(lines).Exits(0);
  });
  processes.When(HasWords({"restic", "restore"}),
                 [this](const ProcessSpec& spec) { return Restore(spec); });
}

void FakeRestore::AddFolder(const std::string& path, std::uint32_t mode) {
  tree.push_back({{path, NodeType::kDirectory, 0, mode, 7, 8}, ""});
}

void FakeRestore::AddFile(const std::string& path, const std::string& content) {
  tree.push_back({{path, NodeType::kFile, content.size(), 0644, 7, 8}, content});
}

void FakeRestore::AddLink(const std::string& path, const std::string& destination) {
  tree.push_back({{path, NodeType::kSymlink, 0, 0777, 7, 8}, destination});
}

/// It has done its work when it is launched: a test stops the machine by steps, not by time.
Script FakeRestore::Restore(const ProcessSpec& spec) {
  ++restores;
  std::string complaints;
  WriteAll(spec, complaints);
  if (complaints.empty()) return Script().Exits(0);
  return Script().Complains(complaints + "Fatal: There were 1 errors\n").Exits(1);
}

void FakeRestore::WriteAll(const ProcessSpec& spec, std::string& complaints) {
  const std::string target = *(std::find(spec.argv.begin(), spec.argv.end(), "--target") + 1);
  for (const Entry& entry : tree) {
    if (entry.node.path == loses || !IsWanted(entry.node.path, spec.argv)) continue;
    FileInfo info;
    info.type = TypeOf(entry.node.type);
    info.mode = entry.node.mode;
    info.uid = entry.node.uid;
    info.gid = entry.node.gid;
    info.modified = entry.node.modified.value_or(kModified);
    std::string content = entry.node.path == cuts ? "" : entry.content;
    if (entry.node.path == garbles) content.assign(content.size(), '?');
    const auto written = files_.WriteCarelessly(target + entry.node.path, content, info);
    if (written) continue;
    const bool full = written.error().message.ends_with("No space left on device");
    complaints += fmt::format("ignoring error for {}: write: {}\n", entry.node.path,
                              full ? "no space left on device" : "input/output error");
    return;
  }
}

}  // namespace runner::testing
