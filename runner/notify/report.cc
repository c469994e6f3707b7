#include "runner/notify/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/notify/channel_store.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::UnixTime;

constexpr targets::Duration kLossIsShown{7 * 24 * 3600};

std::string Ago(UnixTime time, UnixTime now) {
  return targets::FormatDuration(std::max(now - time, targets::Duration{0}));
}

std::string Messages(std::uint64_t count) {
  return count == 1 ? "1 message" : fmt::format("{} messages", count);
}

void AddFindings(const std::string& name, const ChannelState& state, UnixTime now,
                 std::vector<Finding>& findings) {
  if (state.failing_since) {
    findings.push_back(
        {HealthLevel::kWarning, "notify_failing", std::nullopt,
         fmt::format("notifications by {} have not got through for {} ({} waiting): {}", name,
                     Ago(*state.failing_since, now), Messages(state.queue.size()),
                     state.last_error)});
  }
  if (state.last_lost && now - *state.last_lost < kLossIsShown) {
    findings.push_back({HealthLevel::kWarning, "notify_lost", std::nullopt,
                        fmt::format("{} for {} given up, the last {} ago", Messages(state.lost),
                                    name, Ago(*state.last_lost, now))});
  }
}

}  // namespace

std::vector<Finding> NotifyFindings(const targets::Config& config, FileSystem& files,
                                    const targets::Redactor& redactor, UnixTime now) {
  const ChannelStore store(files, StateFolder(files, config.state_dir));
  std::vector<Finding> findings;
  for (const targets::NotifyChannel& channel : config.notify) {
    const auto state = store.Read(channel.name);
    if (state) {
      AddFindings(channel.name, *state, now, findings);
    } else {
      findings.push_back(
          {HealthLevel::kWarning, "notify_unreadable", std::nullopt, state.error().message});
    }
  }
  for (Finding& finding : findings)
    finding.message = targets::OneLine(redactor.Redact(finding.message));
  return findings;
}

}  // namespace runner
