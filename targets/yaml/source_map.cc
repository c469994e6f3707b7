#include "targets/yaml/source_map.h"

namespace targets {
namespace {

std::string Unescaped(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '~' && i + 1 < segment.size()) {
      out += segment[++i] == '1' ? '/' : '~';
    } else {
      out += segment[i];
    }
  }
  return out;
}

}  // namespace

std::string JoinPointer(const std::string& pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string DottedPath(const std::string& pointer, const SourceMap& marks) {
  std::string out;
  for (std::size_t begin = 1; begin <= pointer.size() && !pointer.empty();) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    const std::string segment = Unescaped(std::string_view(pointer).substr(begin, end - begin));
    const auto mark = marks.find(pointer.substr(0, end));
    if (mark != marks.end() && mark->second.list_item) {
      out += "[" + segment + "]";
    } else {
      out += (out.empty() ? "" : ".") + segment;
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace targets
