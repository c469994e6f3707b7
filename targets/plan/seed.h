#pragma once

#include <string>

#include "targets/base/strong_id.h"
#include "targets/model/stage.h"

namespace targets {

/// The seed of a schedule's jitter: "<id>/<stage>". Plan, scheduler and healthcheck must use the
/// same one, or they would disagree about due times.
inline std::string JitterSeed(const TargetId& id, Stage stage) {
  return id.str() + "/" + std::string(StageName(stage));
}

/// Of a repository job. No target has this name: ids hold no dot.
inline std::string JitterSeed(Stage stage) {
  return ".repository/" + std::string(StageName(stage));
}

}  // namespace targets
