// Markers are written by hand too: whatever they hold, reading ends, and what was understood can be
// written again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runner/state/fact_json.h"
#include "runner/state/marker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const runner::Marker marker = runner::ParseMarker(text);
  if (marker.reason.size() > 500 || marker.reason.find('\n') != std::string::npos) std::abort();
  if (marker.status != runner::MarkerStatus::kUnreadable && marker.time.has_value()) {
    const auto written = runner::FormatMarker(marker);
    if (!written || runner::ParseMarker(*written).status != marker.status) std::abort();
  }
  if (const auto facts = runner::TargetFactsFromJson(std::string(text))) {
    if (runner::TargetFactsFromJson(runner::ToJson(*facts)) != facts) std::abort();
  }
  return 0;
}
