#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/base/size.h"
#include "targets/base/time.h"
#include "targets/config/layer.h"

namespace targets {

/// Reads leaves as values of the model. The values were checked before; a missing leaf gives the
/// fallback.
class LayerReader {
 public:
  explicit LayerReader(const Layer& layer) : layer_(layer) {}

  [[nodiscard]] const Leaf* Find(std::string_view key) const;
  [[nodiscard]] bool Has(std::string_view key) const { return Find(key) != nullptr; }
  [[nodiscard]] std::string Text(std::string_view key, std::string fallback = {}) const;
  [[nodiscard]] bool Flag(std::string_view key, bool fallback) const;
  [[nodiscard]] int Integer(std::string_view key, int fallback) const;
  [[nodiscard]] std::optional<int> OptionalInteger(std::string_view key) const;
  [[nodiscard]] unsigned Unsigned(std::string_view key) const;
  [[nodiscard]] Duration Seconds(std::string_view key, Duration fallback) const;
  [[nodiscard]] std::optional<Duration> OptionalSeconds(std::string_view key) const;
  [[nodiscard]] std::optional<Bytes> OptionalSize(std::string_view key) const;
  [[nodiscard]] std::optional<Bytes> OptionalRate(std::string_view key) const;
  [[nodiscard]] double Number(std::string_view key, double fallback) const;
  [[nodiscard]] std::optional<double> OptionalShare(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> Texts(std::string_view key) const;
  [[nodiscard]] std::vector<std::vector<std::string>> TextLists(std::string_view key) const;
  /// The free keys below `folder` with their text: "environment".
  [[nodiscard]] std::map<std::string, std::string> TextMap(const std::string& folder) const;
  /// Whether any leaf is `folder` or below it.
  [[nodiscard]] bool HasFolder(const std::string& folder) const;

 private:
  const Layer& layer_;
};

}  // namespace targets
