#include "targets/yaml/yaml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "targets/base/text.h"
#include "targets/yaml/node_tree.h"
#include "targets/yaml/scalar.h"
#include "targets/yaml/text_check.h"

namespace targets {
namespace {

using rapidjson::Value;
using Kind = YamlNode::Kind;

constexpr std::size_t kMaxProblems = 500;  // more than anybody would read
constexpr std::string_view kMergeKey = "<<";

class Converter {
 public:
  Converter(const NodeTree& tree, YamlDocument& document) : tree_(tree), document_(document) {}

  void Run() {
    Value root = Convert(tree_.nodes.front(), "", 0);
    if (exhausted_) root.SetNull();
    Value& target = document_.root;
    target = root;
    SourceMark& mark = document_.marks[""];
    mark.key = mark.value = tree_.nodes.front().where;
  }

 private:
  struct Entry {
    std::string key;
    SourcePosition where;
    const YamlNode* value;
  };

  rapidjson::Document::AllocatorType& Memory() { return document_.root.GetAllocator(); }

  void Problem(const YamlNode& node, const std::string& pointer, std::string message,
               std::string hint) {
    if (document_.problems.size() >= kMaxProblems) return;
    if (!reported_.insert({&node, message}).second) return;
    document_.problems.push_back({node.where, pointer, std::move(message), std::move(hint)});
  }

  /// A problem with the value itself: nobody should judge it a second time.
  Value Unusable(const YamlNode& node, const std::string& pointer, std::string message,
                 std::string hint) {
    Problem(node, pointer, std::move(message), std::move(hint));
    document_.unusable.push_back(pointer);
    return {};
  }

  Value Convert(const YamlNode& node, const std::string& pointer, int depth) {
    if (exhausted_ || depth > kMaxYamlDepth || ++values_ > kMaxYamlValues) {
      if (!exhausted_) {
        Problem(node, pointer, "aliases make the file larger than it may be",
                "repeat fewer values with aliases");
      }
      exhausted_ = true;
      return {};
    }
    if (!node.tag.empty()) return Tagged(node, pointer);
    switch (node.kind) {
      case Kind::kNull:
        return {};
      case Kind::kScalar:
        return Scalar(node, pointer);
      case Kind::kSequence:
        return Sequence(node, pointer, depth);
      case Kind::kMap:
        return Map(node, pointer, depth);
    }
    return {};
  }

  Value Tagged(const YamlNode& node, const std::string& pointer) {
    const std::string tag = OneLine(node.tag, 60);
    return Unusable(node, pointer, fmt::format("YAML reads {} as a tag, not as text", tag),
                    fmt::format("if it is meant as text, quote the whole value, like \"{}\"", tag));
  }

  Value Text(const std::string& text) {
    return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), Memory());
  }

  Value Scalar(const YamlNode& node, const std::string& pointer) {
    if (node.text.find('\0') != std::string::npos) {
      return Unusable(node, pointer, "a NUL character is not allowed in a value", "remove the \\0");
    }
    if (!node.plain) return Text(node.text);
    const ScalarValue value = ResolvePlainScalar(node.text);
    if (const auto* refused = std::get_if<AmbiguousScalar>(&value)) {
      return Unusable(node, pointer, refused->message, refused->hint);
    }
    if (const auto* flag = std::get_if<bool>(&value)) return Value(*flag);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return Value(*whole);
    if (const auto* number = std::get_if<double>(&value)) return Value(*number);
    if (!std::holds_alternative<std::string>(value)) return {};
    if (IsOldBooleanWord(node.text)) document_.marks[pointer].plain_word = true;
    return Text(node.text);
  }

  Value Sequence(const YamlNode& node, const std::string& pointer, int depth) {
    Value out(rapidjson::kArrayType);
    for (std::size_t i = 0; i < node.children.size() && !exhausted_; ++i) {
      const YamlNode& child = tree_.nodes[node.children[i]];
      const std::string at = pointer + "/" + std::to_string(i);
      SourceMark& mark = document_.marks[at];
      mark.key = mark.value = child.absent ? node.where : child.where;
      mark.list_item = true;
      out.PushBack(Convert(child, at, depth + 1), Memory());
    }
    return out;
  }

  Value Map(const YamlNode& node, const std::string& pointer, int depth) {
    Value out(rapidjson::kObjectType);
    for (const Entry& entry : Entries(node, pointer, depth)) {
      if (exhausted_) break;
      const std::string at = JoinPointer(pointer, entry.key);
      SourceMark& mark = document_.marks[at];
      mark.key = entry.where;
      mark.value = entry.value->absent ? entry.where : entry.value->where;
      Value value = Convert(*entry.value, at, depth + 1);
      out.AddMember(Text(entry.key), value, Memory());
    }
    return out;
  }

  /// The entries of a map: its own first, then those that `<<` brings and that are not there yet.
  std::vector<Entry> Entries(const YamlNode& node, const std::string& pointer, int depth) {
    std::vector<Entry> out;
    std::unordered_map<std::string, SourcePosition> seen;
    std::vector<const YamlNode*> merges;
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const YamlNode& key = tree_.nodes[node.children[i]];
      const YamlNode& value = tree_.nodes[node.children[i + 1]];
      if (key.kind == Kind::kScalar && key.plain && key.text == kMergeKey) {
        merges.push_back(&value);
        continue;
      }
      if (!KeyIsText(key, pointer)) continue;
      const auto [first, fresh] = seen.emplace(key.text, key.where);
      if (!fresh) {
        Problem(key, JoinPointer(pointer, key.text),
                fmt::format("the key stands here a second time; the first is on line {}",
                            first->second.line),
                "remove one of the two");
        continue;
      }
      out.push_back({key.text, key.where, &value});
    }
    for (const YamlNode* merge : merges) Merge(*merge, pointer, depth, out, seen);
    return out;
  }

  void Merge(const YamlNode& source, const std::string& pointer, int depth, std::vector<Entry>& out,
             std::unordered_map<std::string, SourcePosition>& seen) {
    if (exhausted_ || depth > kMaxYamlDepth || ++values_ > kMaxYamlValues) {
      exhausted_ = true;
      Problem(source, pointer, "aliases make the file larger than it may be",
              "repeat fewer values with aliases");
      return;
    }
    if (source.kind == Kind::kSequence) {
      for (const std::size_t child : source.children) {
        Merge(tree_.nodes[child], pointer, depth + 1, out, seen);
      }
      return;
    }
    if (source.kind != Kind::kMap) {
      Problem(source, pointer, "<< needs a mapping or a list of mappings",
              "write it like <<: *name");
      return;
    }
    for (Entry& entry : Entries(source, pointer, depth + 1)) {
      if (seen.emplace(entry.key, entry.where).second) out.push_back(std::move(entry));
    }
    values_ += source.children.size();
  }

  bool KeyIsText(const YamlNode& key, const std::string& pointer) {
    if (key.kind == Kind::kScalar && key.tag.empty()) {
      const bool clean = key.text.find('\0') == std::string::npos;
      const bool text =
          !key.plain || std::holds_alternative<std::string>(ResolvePlainScalar(key.text));
      if (clean && text) return true;
      Problem(key, pointer, fmt::format("the key {} is not text", OneLine(key.text, 60)),
              fmt::format("quote it: \"{}\"", OneLine(key.text, 60)));
      return false;
    }
    Problem(key, pointer, "a key must be text, not empty, a list or a mapping",
            "write it like name: value");
    return false;
  }

  const NodeTree& tree_;
  YamlDocument& document_;
  std::set<std::pair<const YamlNode*, std::string>> reported_;
  std::size_t values_ = 0;
  bool exhausted_ = false;
};

}  // namespace

YamlDocument ParseYaml(std::string_view text) {
  YamlDocument document;
  if (auto problem = CheckText(text)) {
    document.problems.push_back(std::move(*problem));
    return document;
  }
  NodeTree tree = ReadNodes(NormaliseText(text));
  document.problems = std::move(tree.problems);
  if (tree.has_root) Converter(tree, document).Run();
  std::stable_sort(document.problems.begin(), document.problems.end(),
                   [](const auto& a, const auto& b) { return a.where < b.where; });
  return document;
}

}  // namespace targets
