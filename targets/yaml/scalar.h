#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace targets {

/// A plain (unquoted) scalar that must be quoted, and why.
struct AmbiguousScalar {
  std::string message;
  std::string hint;
};

/// What a plain scalar means: null, boolean, integer, floating point, text, or a refusal.
using ScalarValue =
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, AmbiguousScalar>;

/// YAML 1.2 core schema, except that numbers with a leading zero, .inf and .nan are refused.
ScalarValue ResolvePlainScalar(const std::string& text);

/// yes, no, on, off in any case.
bool IsOldBooleanWord(std::string_view text);

}  // namespace targets
