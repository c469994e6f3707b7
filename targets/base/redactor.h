#pragma once

#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "targets/base/secret.h"

namespace targets {

/// Removes known secret values from text that leaves the program: logs, markers, plans, errors,
/// pages. Each value is also recognised percent-encoded, JSON-escaped, and line by line where it
/// has several lines. Values shorter than 4 bytes are not searched for (they would blank out
/// ordinary words); `validate` warns of them. Thread-safe: a secret may come to it later. A copy
/// goes its own way.
class Redactor {
 public:
  static constexpr std::size_t kMinimumLength = 4;

  Redactor() = default;
  ~Redactor() = default;
  Redactor(const Redactor& other);
  Redactor& operator=(const Redactor& other);

  void Add(const Secret& secret);

  /// `text` with every known secret, and the password part of every `scheme://user:password@host`,
  /// replaced by "***".
  [[nodiscard]] std::string Redact(std::string_view text) const;

 private:
  [[nodiscard]] std::vector<std::string> Needles() const;

  mutable std::shared_mutex mutex_;
  std::vector<std::string>
      needles_;  // longest first, so that a secret inside another leaves no rest
};

/// `url` with the password of its user information replaced by "***"; works on restic's
/// `rest:https://u:p@h/` too.
std::string RedactUrlPasswords(std::string_view text);

}  // namespace targets
