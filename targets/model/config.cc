#include "targets/model/config.h"

#include <algorithm>

namespace targets {

const Target* FindTarget(const Config& config, const TargetId& id) {
  const auto found = std::find_if(config.targets.begin(), config.targets.end(),
                                  [&](const Target& target) { return target.id == id; });
  return found == config.targets.end() ? nullptr : &*found;
}

}  // namespace targets
