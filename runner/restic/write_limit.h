#pragma once

#include <string_view>

#include "targets/base/size.h"

namespace runner {

/// How much a restic may write itself before it counts as a runaway: native B2 in old releases
/// sends an upload that the storage refuses again at once and for ever (docs/restic.md). A run that
/// works writes a pack into a temporary file and then to the storage, so twice what it took in;
/// what is allowed leaves room for many uploads that need a second try.
class WriteLimit {
 public:
  /// Locks, snapshots, what is left of a cache: nothing small gets there.
  static constexpr targets::Bytes kSmall = 200'000'000;
  /// Beyond what it reads, which it may put into its cache, a restic on the way to its lock writes
  /// requests and that lock.
  static constexpr targets::Bytes kRequests = 20'000'000;

  static targets::Bytes OfPreparation(targets::Bytes read) { return kRequests + read; }
  /// `done`: what the backup says that it has taken in so far, in bytes.
  static targets::Bytes OfBackup(targets::Bytes done) { return kSmall + 5 * done; }

  /// Of prune and check. Until they say that they load the index they have their lock to write and
  /// nothing else.
  void OnMaintenanceLine(std::string_view line);
  /// `read`: bytes that it has read so far.
  [[nodiscard]] bool locked() const { return locked_; }
  [[nodiscard]] targets::Bytes OfMaintenance(targets::Bytes read) const;

 private:
  bool locked_ = false;
};

}  // namespace runner
