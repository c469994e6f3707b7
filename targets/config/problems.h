#pragma once

#include <string>
#include <vector>

#include "targets/config/diagnostic.h"
#include "targets/yaml/source_map.h"

namespace targets {

/// Where a value came from.
struct ValueOrigin {
  enum class Kind { kDefault, kFile, kEnvironment };
  Kind kind = Kind::kDefault;
  std::string name;  // kFile: the JSON pointer inside the file; kEnvironment: the variable

  bool operator==(const ValueOrigin&) const = default;

  static ValueOrigin File(std::string pointer) { return {Kind::kFile, std::move(pointer)}; }
  static ValueOrigin Variable(std::string name) { return {Kind::kEnvironment, std::move(name)}; }
};

/// Whether a message points at a key ("unknown key") or at its value ("61 is not a minute").
enum class PointAt { kKey, kValue };

/// A Diagnostic before it knows its line.
struct Problem {
  DiagnosticSeverity severity = DiagnosticSeverity::kError;
  ValueOrigin where;
  PointAt point_at = PointAt::kValue;
  std::string message;
  std::string hint;
};

/// Collects problems; the same one is kept once, and no more than anybody would read.
class Problems {
 public:
  static constexpr std::size_t kMaxProblems = 500;

  void Error(ValueOrigin where, PointAt point_at, std::string message, std::string hint = {});
  void Warning(ValueOrigin where, PointAt point_at, std::string message, std::string hint = {});

  [[nodiscard]] const std::vector<Problem>& all() const { return all_; }
  [[nodiscard]] bool truncated() const { return truncated_; }
  [[nodiscard]] bool HasErrors() const;
  /// Whether an error stands at `pointer` of the file or below it.
  [[nodiscard]] bool HasErrorsBelow(const std::string& pointer) const;

 private:
  void Add(Problem problem);

  std::vector<Problem> all_;
  bool truncated_ = false;
};

}  // namespace targets
