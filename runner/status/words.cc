#include "runner/status/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace runner {

using targets::Duration;
using targets::FormatDuration;
using targets::UnixTime;

std::string Sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  if (std::string_view(".?!").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

std::string Age(UnixTime time, UnixTime now) {
  return FormatDuration(std::max(now - time, Duration{0}));
}

std::string Moment(UnixTime time, UnixTime now, const targets::Zone& zone) {
  return time > now
             ? fmt::format("{}, in {}", zone.FormatForPeople(time), FormatDuration(time - now))
             : fmt::format("{}, {} ago", zone.FormatForPeople(time), FormatDuration(now - time));
}

std::string DescribeRunning(const RunningStage& running, UnixTime now) {
  std::string text(targets::StageName(running.stage));
  if (running.since) text += " for " + Age(*running.since, now);
  if (running.progress) text += fmt::format(", last progress {} ago", Age(*running.progress, now));
  return text;
}

std::string DescribeDaemon(const DaemonStatus& daemon, UnixTime now, const targets::Zone& zone) {
  const auto& facts = daemon.facts;
  if (!facts && daemon.running) return "running";
  if (!facts) return "not running: none was ever started with this state folder";
  if (!daemon.running) {
    return facts->stopped
               ? fmt::format("not running: it was stopped {}", Moment(*facts->stopped, now, zone))
               : fmt::format("not running: process {} died", facts->pid);
  }
  std::string text =
      fmt::format("running since {} (process {})", Moment(facts->started, now, zone), facts->pid);
  if (!facts->next_wakeup) return text + ", waits for an event";
  return *facts->next_wakeup > now
             ? text + ", next wake-up in " + FormatDuration(*facts->next_wakeup - now)
             : text + ", awake";
}

}  // namespace runner
