#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "targets/yaml/yaml_document.h"

namespace targets {

/// A YAML node as written: scalars unresolved, aliases as shared indices, merge keys in place.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  bool plain = false;   // an unquoted scalar
  bool absent = false;  // a null that nobody wrote ("key:" and nothing behind it)
  std::string text;     // of a scalar
  std::string tag;      // one other than !!str
  SourcePosition where;
  std::vector<std::size_t>
      children;  // indices into NodeTree::nodes; key, value, key, value for a map
};

struct NodeTree {
  std::deque<YamlNode> nodes;
  bool has_root = false;  // then nodes[0] is it
  std::vector<YamlProblem> problems;
};

/// Runs yaml-cpp's parser over `text` (normalised) and keeps what it reports about the first
/// document. A syntax error, a second document and too large a document are problems. Never
/// throws.
NodeTree ReadNodes(const std::string& text);

}  // namespace targets
