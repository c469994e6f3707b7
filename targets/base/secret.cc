#include "targets/base/secret.h"

#include <ostream>

namespace targets {

std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace targets
