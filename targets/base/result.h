#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace targets {

/// Why an operation failed, for a person: `message` says what and where, `hint` what to do next
/// (may be empty).
struct Error {
  std::string message;
  std::string hint = {};

  bool operator==(const Error&) const = default;
};

/// A value or the reason why there is none. Errors are values; nothing of this project throws.
template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

/// `return Fail("cannot open {}", ...)` in a function that returns any Result.
inline tl::unexpected<Error> Fail(std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint)});
}

inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// The same error seen from one level further out: "context: message".
inline tl::unexpected<Error> FailWithContext(std::string_view context, Error error) {
  error.message = std::string(context) + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace targets
