#pragma once

#include <memory>
#include <string>

#include "targets/base/result.h"
#include "targets/base/time.h"

namespace targets {

/// A time zone of the IANA database, by name. Cheap to copy. Right for the years after 2037 too (cctz).
class Zone {
 public:
  /// UTC.
  Zone();
  /// Error: no such zone (with the nearest known name as the hint).
  static Result<Zone> Load(const std::string& name);

  [[nodiscard]] const std::string& name() const;
  /// Seconds east of UTC at that instant.
  [[nodiscard]] Duration OffsetAt(UnixTime time) const;
  /// "2026-11-23T04:25:36+01:00".
  [[nodiscard]] std::string FormatRfc3339(UnixTime time) const;
  /// For tables: "Mon 2026-11-23 04:25 CET".
  [[nodiscard]] std::string FormatForPeople(UnixTime time) const;

  struct Data;
  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace targets
