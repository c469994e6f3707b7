// What browsers and strangers send: addresses, forms, cookies, host names. Reading ends, and what
// was read keeps its limits.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runner/http/html.h"
#include "runner/http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto destination = runner::ParseDestination(text)) {
    if (!destination->path.starts_with('/') || destination->path.size() > runner::kLongestTarget ||
        destination->path.find('\0') != std::string::npos)
      std::abort();
  }
  if (const auto form = runner::ParseForm(text)) {
    if (form->size() > runner::kMostParameters) std::abort();
  }
  (void)runner::ReadCookie(text, runner::kSessionCookie);
  (void)runner::HostIsOurs(runner::HostOf(text), {"backup.example.org"});
  if (!runner::SameSecret(text, text)) std::abort();
  if (runner::EscapeHtml(text).find_first_of("<>\"'") != std::string::npos) std::abort();
  return 0;
}
