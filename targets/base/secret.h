#pragma once

#include <iosfwd>
#include <string>
#include <utility>

namespace targets {

/// A value that must never be seen: it prints as "***" and has no implicit way out.
/// Call Expose() only where the value enters a child's environment, a file of mode 0600 or a
/// Redactor.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& Expose() const { return value_; }
  [[nodiscard]] bool Empty() const { return value_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace targets
