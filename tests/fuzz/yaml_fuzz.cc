// Any text as backup.yaml: must neither crash nor hang, and every diagnostic must render.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "targets/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  targets::LoadInput input;
  input.file_name = "backup.yaml";
  input.yaml.emplace(data, data + size);
  input.environment = {{"NAME", "value"}, {"RESTIC_PASSWORD", "fuzz-secret-value"}};
  const targets::LoadOutcome outcome = targets::LoadConfig(input);
  for (const targets::Diagnostic& diagnostic : outcome.diagnostics) {
    const std::string text = targets::RenderDiagnostic(diagnostic);
    if (text.empty() || text.back() != '\n') std::abort();
    if (size < 1000 && input.yaml->find("fuzz-secret") == std::string::npos &&
        text.find("fuzz-secret-value") != std::string::npos) {
      std::abort();
    }
  }
  if (outcome.HasErrors() && outcome.diagnostics.empty()) std::abort();
  return 0;
}
