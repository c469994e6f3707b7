#include <fmt/format.h>

#include "runner/doctor/rules.h"
#include "targets/restic/capabilities.h"

namespace runner {
namespace {

using Area = DoctorArea;

constexpr targets::ResticVersion kOldest{0, 14, 0};

void JudgeRestic(const DoctorInput& input, DoctorFindings& findings) {
  if (!input.restic) {
    findings.Error(Area::kRestic, input.restic.error().message,
                   "install restic 0.14 or later, or name it with RESTIC_BIN");
    return;
  }
  const targets::ResticVersion& version = *input.restic;
  const std::string name = targets::FormatResticVersion(version);
  if (version < kOldest) {
    findings.Error(Area::kRestic, fmt::format("{} is too old", name),
                   "install restic 0.14 or later, or name it with RESTIC_BIN");
    return;
  }
  findings.Ok(Area::kRestic, fmt::format("{} ({})", name, input.restic_program));
  for (const targets::FeatureInfo& feature : targets::FeatureTable()) {
    if (targets::Has(version, feature.feature)) continue;
    findings.Note(Area::kRestic, fmt::format("lacks {}: {}", feature.name, feature.without),
                  fmt::format("have restic {} or later if that matters",
                              targets::FormatResticVersion(feature.first)));
  }
}

void JudgeSecrets(const DoctorInput& input, DoctorFindings& findings) {
  for (const SecretLook& secret : input.secrets) {
    if (!secret.error.empty()) {
      findings.Error(
          Area::kSecret, secret.error,
          secret.file.empty()
              ? fmt::format("make it work for user {}; no job runs without it", input.user)
              : fmt::format("write the secret to {}, readable for user {} alone", secret.file,
                            input.user));
      continue;
    }
    findings.Ok(Area::kSecret, fmt::format("{}: {}", secret.key, secret.where));
    if (!secret.read_by_others) continue;
    findings.Warn(Area::kSecret,
                  fmt::format("{}: other users can read {}", secret.key, secret.file),
                  fmt::format("chmod 600 {}", secret.file));
  }
}

void JudgeNamed(const DoctorInput& input, DoctorFindings& findings) {
  std::size_t found = 0;
  for (const ProgramLook& program : input.programs) {
    if (program.state == ProgramLook::State::kFound) {
      ++found;
    } else if (program.state == ProgramLook::State::kMissing) {
      findings.Error(Area::kProgram, fmt::format("{}: {} is not found", program.key, program.name),
                     "install it, or write its whole path");
    } else {
      findings.Error(Area::kProgram, fmt::format("{}: {} is no program", program.key, program.name),
                     fmt::format("chmod +x {}", program.name));
    }
  }
  if (found == 0) return;
  findings.Ok(Area::kProgram, fmt::format("{} command{} found", found, found == 1 ? "" : "s"));
}

}  // namespace

void JudgePrograms(const DoctorInput& input, DoctorFindings& findings) {
  JudgeRestic(input, findings);
  JudgeSecrets(input, findings);
  JudgeNamed(input, findings);
}

}  // namespace runner
