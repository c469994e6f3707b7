#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/notify/message.h"
#include "runner/notify/rules.h"
#include "targets/base/result.h"

namespace runner {

/// All that is remembered of one channel (docs/formats/state.md).
struct ChannelState {
  /// More messages than that wait for nobody: the oldest is dropped.
  static constexpr std::size_t kMostMessages = 50;

  std::map<std::string, Told> told = {};  // by subject
  std::vector<Message> queue = {};        // not sent yet, oldest first
  int attempts = 0;                       // of the oldest, all in vain
  std::optional<targets::UnixTime> next_try = {};
  std::optional<targets::UnixTime> failing_since = {};
  std::string last_error = {};  // one line, free of secrets; empty: the last message was sent
  std::optional<targets::UnixTime> last_sent = {};
  std::uint64_t lost = 0;  // messages that were dropped or given up
  std::optional<targets::UnixTime> last_lost = {};

  bool operator==(const ChannelState&) const = default;
};

/// A whole file. Errors: it is damaged, or of a later version.
std::string ChannelStateToJson(const ChannelState& state);
targets::Result<ChannelState> ChannelStateFromJson(const std::string& text);

}  // namespace runner
