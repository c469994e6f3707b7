#pragma once

#include "targets/config/merge.h"

namespace targets {

/// What one value alone cannot show: required ones that no layer gives, values that need or exclude
/// each other, names that collide, a retention that keeps nothing. A part of the file that already
/// has errors is not judged.
void CheckMerged(Merge& merge);

/// What the schema cannot say of a notification's channel: which keys belong to its kind, and
/// whether its targets exist. REQUIRES: no target was left out yet.
void CheckNotify(Merge& merge);

}  // namespace targets
