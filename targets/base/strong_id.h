#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace targets {

/// A string that is the name of one kind of thing, so that a target's id cannot be passed where a
/// snapshot's is meant.
template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

  auto operator<=>(const StrongId&) const = default;

 private:
  std::string value_;
};

/// The name of a target in the configuration: `[a-z0-9][a-z0-9-]{0,62}`.
using TargetId = StrongId<struct TargetIdTag>;
/// The stable name of this installation; restic's `--host`.
using InstanceName = StrongId<struct InstanceNameTag>;
/// A snapshot's full id: 64 hexadecimal digits.
using SnapshotId = StrongId<struct SnapshotIdTag>;

}  // namespace targets

template <typename Tag>
struct std::hash<targets::StrongId<Tag>> {
  std::size_t operator()(const targets::StrongId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
