#pragma once

#include <optional>
#include <vector>

#include "runner/notify/channel_state.h"
#include "runner/notify/notifier.h"

namespace runner {

/// What one channel is told in one round.
struct Desk {
  std::map<std::string, Told> told;  // to be remembered, by subject
  std::vector<Message> messages;     // in the order in which to send them
  std::optional<targets::UnixTime> look_at = {};

  bool operator==(const Desk&) const = default;
};

/// Pure. A channel of pings is one lamp for all that it covers, under the subject kAll: it is red
/// while any of them is, and a success of one puts it out only if all are well. With `{{target}}`
/// in its address it is a lamp for each target. Other channels are told of each subject; what
/// happens to several at once makes one message.
Desk Decide(const targets::Config& config, const targets::NotifyChannel& channel,
            const RoundInput& input, const std::map<std::string, Told>& told,
            targets::UnixTime now);

inline constexpr const char* kAll = "all";

}  // namespace runner
