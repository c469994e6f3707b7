#pragma once

#include <string>
#include <string_view>

namespace runner {

/// "/a" of "/a/b", "/" of "/b", "." of "b".
std::string FolderOf(std::string_view path);
/// "b" of "/a/b" and of "b".
std::string NameOf(std::string_view path);
/// "/a/b" of "/a" and "b".
std::string JoinPath(std::string_view folder, std::string_view name);

}  // namespace runner
