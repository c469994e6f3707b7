#pragma once

#include <optional>

#include "runner/history/history_store.h"
#include "runner/http/page.h"
#include "runner/http/snapshot_list.h"

namespace runner {

/// A target's page: what is due and why, its runs, snapshots and settings. Pure..
/// `target` is one of `look.status.targets`. Texts of the configuration pass `redactor`.
Html TargetContent(const Look& look, const targets::Target& target, const HistoryPage& runs,
                   const std::optional<SnapshotList>& snapshots, const targets::Redactor& redactor,
                   const Viewer& viewer);

/// Everything about one run.
Html RunContent(const RunRecord& run, const targets::Zone& zone);

/// The runs of today and the next six days on a time line, and the first of them as a list. `plan`
/// reaches so far.
Html PlanContent(const targets::Plan& plan, targets::UnixTime now, const targets::Zone& zone);

inline constexpr int kPlanDays = 7;
/// Midnight today, by local clocks.
targets::UnixTime StartOfToday(targets::UnixTime now, const targets::Zone& zone);

}  // namespace runner
