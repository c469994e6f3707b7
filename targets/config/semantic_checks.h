#pragma once

#include "targets/config/merge.h"

namespace targets {

/// What one value alone cannot show: required ones that no layer gives, values that need or exclude
/// each other, names that collide, a retention that keeps nothing. A part of the file that already
/// has errors is not judged.
void CheckMerged(Merge& merge);

}  // namespace targets
