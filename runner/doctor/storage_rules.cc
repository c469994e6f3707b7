#include "runner/doctor/rules.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::B2Finding;
using targets::B2Level;
using Area = DoctorArea;

void Add(const B2Finding& finding, DoctorFindings& findings) {
  switch (finding.level) {
    case B2Level::kOk:
      return findings.Ok(Area::kStorage, finding.message);
    case B2Level::kNote:
      return findings.Note(Area::kStorage, finding.message, finding.remedy);
    case B2Level::kWarning:
      return findings.Warn(Area::kStorage, finding.message, finding.remedy);
    case B2Level::kError:
      return findings.Error(Area::kStorage, finding.message, finding.remedy);
  }
}

}  // namespace

void JudgeStorage(const DoctorInput& input, DoctorFindings& findings) {
  if (!input.machine_key.empty()) findings.Ok(Area::kStorage, "machine key: " + input.machine_key);
  if (!input.storage) return;
  if (!input.storage->key_known) {
    findings.Note(Area::kStorage, "Backblaze B2 is not asked: the key is not known to this program",
                  "put it into repository.b2, unless restic finds it elsewhere");
    return;
  }
  const B2Look& look = input.storage->b2;
  for (const B2Finding& finding : look.findings) Add(finding, findings);
  if (!look.failure) return;
  const bool reachable = look.failure->cause != Cause::kNetwork;
  findings.Error(Area::kStorage, look.failure->reason,
                 look.failure->hint +
                     (reachable ? "" : "; `runner doctor --offline` does without the question"));
}

}  // namespace runner
