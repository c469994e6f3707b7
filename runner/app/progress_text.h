#pragma once

#include <deque>
#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/observer.h"

namespace runner {

/// How fast one job moves: bytes a second over the last quarter of a minute, so that a change
/// shows soon and a moment's pause does not.
class ProgressMeter {
 public:
  void Add(MonotonicTime time, unsigned long long bytes_done);
  /// Nothing until there is a second to measure over.
  [[nodiscard]] std::optional<double> BytesPerSecond() const;

 private:
  struct Sample {
    MonotonicTime time;
    unsigned long long bytes;
  };
  std::deque<Sample> samples_;
};

/// "47 %, 3.5 GiB of 7.4 GiB, 11.2 MiB/s, 5m40s left", with what is known. The time left is
/// restic's own guess, else what the rate says.
std::string ProgressText(const Progress& progress, std::optional<double> bytes_per_second);

/// The same behind a bar: "[#########-----------]  47 %  3.5 GiB of ...". No bar while the whole is
/// unknown, nor where `columns` has no room for it. At most `columns` characters long.
std::string ProgressBar(const std::string& name, const Progress& progress,
                        std::optional<double> bytes_per_second, std::size_t columns);

}  // namespace runner
