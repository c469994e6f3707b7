#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/history/history_store.h"

namespace runner::testing {

/// A history in memory: a small working model of SqliteHistory, which a test can break.
class MemoryHistory final : public HistoryStore {
 public:
  /// From now on every call fails with that message; empty: none does.
  void FailWith(std::string message) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(message);
  }
  /// The next Append has that warning.
  void WarnOnce(std::string warning) {
    const std::lock_guard lock(mutex_);
    warning_ = std::move(warning);
  }
  [[nodiscard]] std::vector<RunRecord> runs() const {
    const std::lock_guard lock(mutex_);
    return runs_;
  }

  targets::Result<Appended> Append(const RunRecord& run) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    runs_.push_back(run);
    runs_.back().id = ++last_id_;
    return Appended{last_id_, std::exchange(warning_, {})};
  }

  targets::Result<HistoryPage> Select(const HistoryQuery& query) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    HistoryPage page;
    std::ranges::copy_if(runs_, std::back_inserter(page.runs), [&](const RunRecord& run) {
      return (!query.target || run.target == *query.target) &&
             (!query.stage || run.stage == *query.stage) &&
             (!query.since || run.started >= *query.since);
    });
    page.matching = page.runs.size();
    const std::size_t kept = std::min(query.limit, page.runs.size());
    page.runs.erase(page.runs.begin(), page.runs.end() - static_cast<std::ptrdiff_t>(kept));
    return page;
  }

  targets::Result<std::vector<RunRecord>> Newest(NewestOf which) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    std::map<std::pair<std::string, std::string_view>, RunRecord> newest;
    for (const RunRecord& run : runs_) {
      if (which == NewestOf::kWithSnapshot && run.snapshot.empty()) continue;
      newest[{run.target.str(), targets::StageName(run.stage)}] = run;
    }
    std::vector<RunRecord> runs;
    for (auto& [name, run] : newest) runs.push_back(std::move(run));
    return runs;
  }

  targets::Result<OutlinePage> Outline(const OutlineQuery& query) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    OutlinePage page{.newest = runs_.empty() ? 0 : runs_.back().id};
    for (const RunRecord& run : runs_) {
      if (run.stage != query.stage || run.started < query.since || run.id <= query.after) continue;
      if (page.runs.size() == query.limit) break;
      page.runs.push_back({run.id, run.target, run.started, run.outcome, run.figures.bytes_total});
    }
    return page;
  }

  targets::Result<std::optional<RunRecord>> Find(std::int64_t id) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    const auto found = std::ranges::find(runs_, id, &RunRecord::id);
    return found == runs_.end() ? std::nullopt : std::optional(*found);
  }

  targets::Result<std::size_t> Trim(targets::UnixTime before) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return targets::Fail(failure_);
    return std::erase_if(runs_, [&](const RunRecord& run) { return run.started < before; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<RunRecord> runs_;
  std::int64_t last_id_ = 0;
  std::string failure_;
  std::string warning_;
};

}  // namespace runner::testing
