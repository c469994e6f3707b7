#include "targets/restore/drill_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <tuple>

namespace targets {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// FNV-1a: the same number on every machine, unlike std::hash.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

auto Age(const TreeNode* node) {
  return std::tuple(node->modified.value_or(UnixTime{}), node->modified_nanoseconds,
                    std::string_view(node->path));
}

}  // namespace

bool CanBeNamed(const TreeNode& node) { return node.path.find(kReplacement) == std::string::npos; }

std::vector<const TreeNode*> ChooseForDrill(const SnapshotTree& tree, std::size_t count,
                                            const SnapshotId& snapshot, UnixTime now) {
  std::vector<const TreeNode*> files;
  for (const TreeNode& node : tree) {
    if (node.type == NodeType::kFile && CanBeNamed(node)) files.push_back(&node);
  }
  std::ranges::sort(files, {}, Age);
  const std::size_t groups = std::min(count, files.size());
  std::mt19937_64 draw(Hash(fmt::format("{}@{}", snapshot.str(), ToUnixSeconds(now))));
  std::vector<const TreeNode*> chosen;
  chosen.reserve(groups);
  for (std::size_t i = 0; i < groups; ++i) {
    const std::size_t begin = i * files.size() / groups;
    const std::size_t end = (i + 1) * files.size() / groups;
    chosen.push_back(files[begin + draw() % (end - begin)]);
  }
  return chosen;
}

}  // namespace targets
