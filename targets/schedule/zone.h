#pragma once

#include <memory>
#include <optional>
#include <string>

#include "targets/base/result.h"
#include "targets/base/time.h"

namespace targets {

/// An instant at which the clocks of a zone jump: forward if `after` is greater than `before`.
/// Both are seconds east of UTC; they are equal where only the zone's abbreviation changes.
struct ClockChange {
  UnixTime at{};
  Duration before{};
  Duration after{};
  bool operator==(const ClockChange&) const = default;
};

/// A time zone of the IANA database, by name. Cheap to copy, safe to share between threads. Right
/// for the years after 2037 too, up to 2400 (cctz reads the database of the machine, from TZDIR or
/// /usr/share/zoneinfo).
class Zone {
 public:
  /// UTC.
  Zone();
  /// Errors: an empty name, a path, a name that the database does not have (the nearest known one
  /// is the hint).
  static Result<Zone> Load(const std::string& name);

  [[nodiscard]] const std::string& name() const;
  /// Seconds east of UTC at that instant.
  [[nodiscard]] Duration OffsetAt(UnixTime time) const;
  /// The first change after that instant; nullopt: none is known.
  [[nodiscard]] std::optional<ClockChange> NextChange(UnixTime after) const;
  /// The last change at or before that instant; nullopt: none is known.
  [[nodiscard]] std::optional<ClockChange> PreviousChange(UnixTime at) const;
  /// "2026-11-23T04:25:36+01:00".
  [[nodiscard]] std::string FormatRfc3339(UnixTime time) const;
  /// For tables: "Mon 2026-11-23 04:25 CET".
  [[nodiscard]] std::string FormatForPeople(UnixTime time) const;

  struct Data;
  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  explicit Zone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;
};

}  // namespace targets
