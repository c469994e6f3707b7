#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace targets {

/// The number of single-character edits (insert, delete, replace, swap of neighbours) between two
/// words.
std::size_t EditDistance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, if it is near enough to be what was meant (a third of the
/// word's length, at least 2).
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates);

std::string_view TrimSpace(std::string_view text);
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(std::span<const std::string> parts, std::string_view separator);

/// One argument as a shell would need it: quoted only if it has to be. For display; no shell is
/// ever called.
std::string ShellQuote(std::string_view argument);

/// `text` as one line of at most `limit` bytes: control characters become spaces, an ellipsis marks
/// what was cut.
std::string OneLine(std::string_view text, std::size_t limit = 500);

}  // namespace targets
