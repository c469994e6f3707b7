#pragma once

#include <string>
#include <unordered_map>

namespace targets {

/// A place in a text: line and column from 1, columns count characters (not bytes). Line 0:
/// nowhere.
struct SourcePosition {
  int line = 0;
  int column = 0;
  auto operator<=>(const SourcePosition&) const = default;
};

/// What the text said about one value, beyond the value itself.
struct SourceMark {
  SourcePosition key;    // where the key stands; the value's own place for list items and the root
  SourcePosition value;  // where the value stands; an aliased value stands where it was defined
  bool list_item = false;  // the last segment of the pointer is an index
  bool plain_word =
      false;  // an unquoted yes, no, on or off: a boolean in old YAML, a string in YAML 1.2
};

/// JSON pointer (RFC 6901, "" is the root) -> mark, for every value of a document.
using SourceMap = std::unordered_map<std::string, SourceMark>;

/// `pointer` + "/" + `key`, escaped as RFC 6901 asks.
std::string JoinPointer(const std::string& pointer, std::string_view key);

/// "targets.photos.exclude[2]" for "/targets/photos/exclude/2"; what messages show. The root is "".
std::string DottedPath(const std::string& pointer, const SourceMap& marks);

}  // namespace targets
