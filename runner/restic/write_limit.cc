#include "runner/restic/write_limit.h"

namespace runner {

void WriteLimit::OnMaintenanceLine(std::string_view line) {
  if (line.starts_with("load")) locked_ = true;  // "loading indexes...", "load indexes"
}

targets::Bytes WriteLimit::OfMaintenance(targets::Bytes read) const {
  return locked_ ? kSmall + 5 * read : OfPreparation(read);
}

}  // namespace runner
