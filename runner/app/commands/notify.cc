#include <fmt/format.h>

#include "runner/app/channel_tools.h"
#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/app/make_observer.h"
#include "runner/notify/notifier.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::NotifyChannel;

/// The named one, else all.
targets::Result<std::vector<const NotifyChannel*>> WhichChannels(const targets::Config& config,
                                                                 const std::string& name) {
  std::vector<const NotifyChannel*> channels;
  std::vector<std::string> known;
  for (const NotifyChannel& channel : config.notify) {
    known.push_back(channel.name);
    if (name.empty() || channel.name == name) channels.push_back(&channel);
  }
  if (known.empty()) {
    return targets::Fail("the configuration has no channel for notifications",
                         "add one below notify:; see docs/notifications.md");
  }
  if (!channels.empty()) return channels;
  const auto nearest = targets::Nearest(name, known);
  return targets::Fail(fmt::format("there is no channel \"{}\"", name),
                       nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                               : "the channels are: " + targets::Join(known, ", "));
}

/// A name for `{{target}}`, that of a target which the channel may be about.
std::string SomeTarget(const targets::Config& config, const NotifyChannel& channel) {
  if (!channel.targets.empty()) return channel.targets.front().str();
  return config.targets.empty() ? "" : config.targets.front().id.str();
}

/// A channel that works again need not wait for its next try. Returns how many messages waited and
/// were sent; somebody else may be sending them just now.
std::size_t SendWhatWaits(Machine& machine, const targets::Config& config, Sender& sender,
                          const NotifyChannel& channel) {
  ChannelStore store(machine.files, StateFolder(machine.files, config.state_dir));
  const auto known = store.Read(channel.name);
  if (!known || known->queue.empty()) return 0;
  const auto lock = store.TryLock();
  if (!lock || *lock == nullptr) return 0;
  const auto observer =
      MakeObserver(machine.console, machine.clock, config, Audience::kPerson, false);
  return Notifier({store, sender, machine.clock, *observer}).SendWaiting(channel, [&] {
    return machine.stop.Stopped();
  });
}

/// What came back; false: the message did not get through.
bool Try(Machine& machine, const targets::Config& config, Sender& sender,
         const NotifyChannel& channel) {
  const Message message =
      MakeTestMessage(config.instance.str(), SomeTarget(config, channel), machine.clock.Now());
  const auto sent = sender.Send(channel, message, [&] { return machine.stop.Stopped(); });
  if (!sent) {
    machine.console.Out(fmt::format("{}: FAILED: {}\n", channel.name, sent.error().message));
    if (!sent.error().hint.empty())
      machine.console.Out(fmt::format("  hint: {}\n", sent.error().hint));
    return false;
  }
  machine.console.Out(fmt::format("{}: sent ({})\n", channel.name, *sent));
  const std::size_t waited = SendWhatWaits(machine, config, sender, channel);
  if (waited > 0)
    machine.console.Out(fmt::format("  what waited is sent too: {} message(s)\n", waited));
  return true;
}

}  // namespace

ExitCode RunNotify(Machine& machine, const GlobalOptions& global, const NotifyOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const targets::Config& config = loaded->config;
  const auto channels = WhichChannels(config, options.channel);
  if (!channels) {
    PrintError(machine, channels.error());
    return ExitCode::kUsage;
  }
  ChannelTools tools(machine, config);
  ExitCode code = ExitCode::kDone;
  for (const NotifyChannel* channel : *channels) {
    const bool good = Try(machine, config, tools.sender(), *channel);
    if (machine.stop.Stopped()) return ExitCode::kInterrupted;
    if (!good) code = ExitCode::kFailed;
  }
  return code;
}

}  // namespace runner
