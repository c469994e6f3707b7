#include "runner/notify/notifier.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/notify/desk.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::NotifyChannel;
using targets::UnixTime;

targets::Duration WaitAfter(int attempts) {
  const auto last = kSendBackoff.size() - 1;
  const auto index = static_cast<std::size_t>(std::max(attempts, 1)) - 1;
  return kSendBackoff.at(std::min(index, last));
}

/// A clock that was set back must not make anybody wait longer than the longest wait.
bool Waits(const ChannelState& state, UnixTime now) {
  return state.next_try && now < *state.next_try && *state.next_try - now <= kSendBackoff.back();
}

void KeepEarlier(std::optional<UnixTime>& time, std::optional<UnixTime> other) {
  if (other && (!time || *other < *time)) time = other;
}

}  // namespace

std::optional<UnixTime> Notifier::Round(const targets::Config& config, const RoundInput& input,
                                        const Stopped& stopped) {
  std::optional<UnixTime> next;
  std::vector<std::string> names;
  for (const NotifyChannel& channel : config.notify) {
    names.push_back(channel.name);
    ChannelState state = Load(channel.name);
    const ChannelState before = state;
    Desk desk = Decide(config, channel, input, state.told, tools_.clock.Now());
    state.told = std::move(desk.told);
    std::ranges::move(desk.messages, std::back_inserter(state.queue));
    DropOldest(channel, state);
    if (state != before || unstored_.contains(channel.name)) Store(channel.name, state);
    SendQueue(channel, state, stopped);
    KeepEarlier(next, desk.look_at);
    if (!state.queue.empty()) KeepEarlier(next, state.next_try);
  }
  tools_.store.Forget(names);
  return next;
}

std::size_t Notifier::SendWaiting(const NotifyChannel& channel, const Stopped& stopped) {
  ChannelState state = Load(channel.name);
  const std::size_t waiting = state.queue.size();
  state.next_try.reset();
  SendQueue(channel, state, stopped);
  return waiting - state.queue.size();
}

ChannelState Notifier::Load(const std::string& channel) {
  if (const auto unstored = unstored_.find(channel); unstored != unstored_.end())
    return unstored->second;
  auto state = tools_.store.Read(channel);
  if (state) return *std::move(state);
  Say(Severity::kWarning, state.error().message + "; it begins anew");
  if (const auto aside = tools_.store.SetAside(channel); !aside)
    Say(Severity::kWarning, aside.error().message);
  return {};
}

void Notifier::Store(const std::string& channel, const ChannelState& state) {
  const auto stored = tools_.store.Write(channel, state);
  if (stored) {
    unstored_.erase(channel);
    return;
  }
  unstored_.insert_or_assign(channel, state);
  Say(Severity::kWarning,
      fmt::format("what {} was told cannot be stored, so a restart would tell it again: {}",
                  channel, stored.error().message));
}

void Notifier::DropOldest(const NotifyChannel& channel, ChannelState& state) {
  if (state.queue.size() <= ChannelState::kMostMessages) return;
  const std::size_t surplus = state.queue.size() - ChannelState::kMostMessages;
  state.queue.erase(state.queue.begin(), state.queue.begin() + static_cast<long>(surplus));
  state.lost += surplus;
  state.last_lost = tools_.clock.Now();
  Say(Severity::kError, fmt::format("{}: more than {} messages wait; the oldest are dropped",
                                    channel.name, ChannelState::kMostMessages));
}

void Notifier::SendQueue(const NotifyChannel& channel, ChannelState& state,
                         const Stopped& stopped) {
  while (!state.queue.empty() && !Waits(state, tools_.clock.Now())) {
    if (stopped && stopped()) return;
    const auto sent = tools_.sender.Send(channel, state.queue.front(), stopped);
    if (!sent && stopped && stopped()) return;  // our own doing; it is sent next time
    if (sent) {
      Sent(channel, state);
    } else {
      Failed(channel, sent.error(), state);
    }
    Store(channel.name, state);
  }
}

void Notifier::Sent(const NotifyChannel& channel, ChannelState& state) {
  if (state.failing_since) Say(Severity::kInfo, channel.name + " takes messages again");
  state.queue.erase(state.queue.begin());
  state.attempts = 0;
  state.next_try.reset();
  state.failing_since.reset();
  state.last_error.clear();
  state.last_sent = tools_.clock.Now();
}

void Notifier::Failed(const NotifyChannel& channel, const targets::Error& error,
                      ChannelState& state) {
  const UnixTime now = tools_.clock.Now();
  const std::string why = targets::OneLine(error.message, 300);
  if (!state.failing_since) {
    state.failing_since = now;
    Say(Severity::kWarning, fmt::format("{}: {}; it is tried again", channel.name, why));
  }
  state.last_error = why;
  ++state.attempts;
  state.next_try = now + WaitAfter(state.attempts);
  const auto given_up = std::erase_if(
      state.queue, [&](const Message& message) { return now - message.time >= kGiveUpAfter; });
  if (given_up == 0) return;
  state.lost += given_up;
  state.last_lost = now;
  Say(Severity::kError,
      fmt::format("{}: {} message(s) given up after a day: {}", channel.name, given_up, why));
}

void Notifier::Say(Severity severity, std::string message) {
  tools_.observer.OnEvent({severity, "notify", "", std::move(message)});
}

}  // namespace runner
