#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/notify/channel_store.h"
#include "runner/notify/rules.h"
#include "runner/notify/sender.h"
#include "targets/model/config.h"

namespace runner {

/// A backup begins, or a snapshot was made by one.
struct RunNews {
  targets::NewsKind kind = targets::NewsKind::kStart;  // or kSuccess
  targets::TargetId target;
  targets::UnixTime time{};
  std::string text = {};  // more about it; may be empty

  bool operator==(const RunNews&) const = default;
};

/// What has happened since the last round.
struct RoundInput {
  std::vector<Verdict> verdicts;  // of all targets and the repository; none: nobody looked
  std::vector<RunNews> runs;
};

/// The waits between two attempts to send, the last one again and again.
inline constexpr std::array<targets::Duration, 4> kSendBackoff = {
    targets::Duration{60}, targets::Duration{300}, targets::Duration{900}, targets::Duration{3600}};
/// A message that could not be sent for so long is given up.
inline constexpr targets::Duration kGiveUpAfter{24 * 3600};

/// Decides what each channel is told, remembers it durably, and sends what waits. What is to be
/// said is stored before the first attempt: a crash repeats a message rather than losing it. Never
/// fails: what goes wrong is an event, and part of the channel's state. One thread.
class Notifier {
 public:
  /// All of them outlive it.
  struct Tools {
    ChannelStore& store;
    Sender& sender;
    const Clock& clock;
    Observer& observer;
  };

  explicit Notifier(const Tools& tools) : tools_(tools) {}

  /// The next instant at which there may be something to do; nullopt: none, until something
  /// happens. REQUIRES: the store's lock is held.
  std::optional<targets::UnixTime> Round(const targets::Config& config, const RoundInput& input,
                                         const Stopped& stopped);

  /// Sends what waits for the channel, whenever its next try was to be: it is known to work again.
  /// How many messages were sent. REQUIRES: the store's lock is held.
  std::size_t SendWaiting(const targets::NotifyChannel& channel, const Stopped& stopped);

 private:
  ChannelState Load(const std::string& channel);
  void Store(const std::string& channel, const ChannelState& state);
  void DropOldest(const targets::NotifyChannel& channel, ChannelState& state);
  void SendQueue(const targets::NotifyChannel& channel, ChannelState& state,
                 const Stopped& stopped);
  void Sent(const targets::NotifyChannel& channel, ChannelState& state);
  void Failed(const targets::NotifyChannel& channel, const targets::Error& error,
              ChannelState& state);
  void Say(Severity severity, std::string message);

  Tools tools_;
  std::map<std::string, ChannelState> unstored_;  // by channel; the disk may be full
};

}  // namespace runner
