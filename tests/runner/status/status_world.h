#pragma once

#include <map>
#include <string>
#include <utility>

#include "runner/schedule/record_store.h"
#include "runner/status/collect.h"
#include "runner/status/render.h"
#include "runner/status/report.h"
#include "tests/runner/health/health_world.h"

namespace runner::status_world {

using namespace health_world;  // NOLINT(google-build-using-namespace): one world, seen once more

/// The world of the healthcheck's tests at 08:00 of a Friday, with the scheduler's records: photos
/// (a folder) and database (a command), both due at 02:00 UTC.
class StatusWorld : public World {
 public:
  StatusInput Collect(const StatusQuery& query = {}) {
    auto input = CollectStatus(config_, query, files_, redactor_, clock_);
    EXPECT_TRUE(input) << input.error().message;
    return *std::move(input);
  }
  StatusReport Look(const StatusQuery& query = {}) { return MakeStatus(Collect(query)); }
  std::string Text(const StatusQuery& query = {}) {
    const StatusInput input = Collect(query);
    return RenderStatusText(MakeStatus(input), input.zone, Paint::kPlain);
  }
  std::string Json(const StatusQuery& query = {}) { return RenderStatusJson(Look(query)); }

  void Remember(const TargetId& target, Stage stage, const JobRecord& record) {
    RecordStore store(files_, folder_);
    EXPECT_TRUE(store.Store({{{target, stage}, record}}));
  }
};

inline JobRecord Settled(UnixTime due) {
  JobRecord record;
  record.settled_due = due;
  return record;
}
/// A run of that occurrence failed and is tried again.
inline JobRecord Failed(UnixTime due, UnixTime retry_at, int retries) {
  JobRecord record = Settled(due);
  record.retry_at = retry_at;
  record.retries = retries;
  return record;
}

/// 02:00 of the world's day: the last occurrence of its targets.
inline const UnixTime kDue = kNow - 6 * kHour;

}  // namespace runner::status_world
