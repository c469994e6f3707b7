#include "runner/process/run_as.h"

#include <unistd.h>

namespace runner {

void ApplyRunAs(ProcessSpec& spec, const std::optional<targets::RunAs>& run_as) {
  if (!run_as || geteuid() != 0) return;
  spec.uid = run_as->uid;
  spec.gid = run_as->gid;
}

}  // namespace runner
