#include "runner/process/stall_watch.h"

#include <algorithm>

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortestInterval{100};
constexpr milliseconds kLongestInterval{10'000};
constexpr milliseconds kLeastCpu{100};
/// An index of gigabytes takes its time over a slow line.
constexpr int kPreparation = 6;

template <typename T>
T Growth(T before, T after) {
  return after > before ? after - before : T{};
}

}  // namespace

StallWatch::StallWatch(const WatchPolicy& policy, MonotonicTime start)
    : timeout_(policy.stall_timeout),
      start_(start),
      enough_io_(policy.stall_bytes),
      last_progress_(start) {
  if (!timeout_) return;
  enough_cpu_ = std::max(kLeastCpu, *timeout_ / 100);
  interval_ = std::clamp(*timeout_ / 10, kShortestInterval, kLongestInterval);
  next_look_ = start + interval_;
}

/// Each process is compared with itself, so that one that ended does not look like a step back.
void StallWatch::Count(const GroupActivity& activity) {
  for (const auto& [pid, now] : activity) {
    const ProcessActivity& before = seen_[pid];
    since_progress_.io += Growth(before.io, now.io);
    since_progress_.cpu += Growth(before.cpu, now.cpu);
    since_progress_.io_hidden |= now.io_hidden;
  }
  seen_ = activity;
}

bool StallWatch::Look(const GroupActivity& activity, targets::Bytes received, MonotonicTime now,
                      bool prepares) {
  if (!timeout_) return false;
  next_look_ = now + interval_;
  Count(activity);
  const targets::Bytes io = Growth(received - received_before_, since_progress_.io);
  const milliseconds enough_cpu = since_progress_.io_hidden ? kLeastCpu : enough_cpu_;
  if (io > enough_io_ || since_progress_.cpu > enough_cpu) {
    last_progress_ = now;
    since_progress_ = {};
    received_before_ = received;
  }
  if (prepares && now - start_ >= kPreparation * *timeout_) return true;
  return now - last_progress_ >= *timeout_;
}

}  // namespace runner
