#include "runner/notify/rules.h"

#include <algorithm>

namespace runner {
namespace {

using targets::NewsKind;
using targets::UnixTime;

void NotAfter(UnixTime now, Told& told) {
  told.since = std::min(told.since, now);
  told.last = std::min(told.last, now);
  if (told.green_since) told.green_since = std::min(*told.green_since, now);
  if (told.recovered) told.recovered = std::min(*told.recovered, now);
}

Telling TellRed(Told told, UnixTime now) {
  std::optional<NewsKind> news;
  told.green_since.reset();
  if (!told.red) {
    told.red = true;
    told.since = told.last = now;
    news = NewsKind::kFailure;
  } else if (now - told.last >= kReminderEvery) {
    told.last = now;
    news = NewsKind::kReminder;
  }
  const UnixTime next = told.last + kReminderEvery;
  return {told, news, next};
}

Telling TellGreen(Told told, UnixTime now) {
  if (!told.red) return {told};
  if (!told.green_since) told.green_since = now;
  const bool flaps = told.recovered && told.since - *told.recovered < kFlapWindow;
  if (flaps && now - *told.green_since < kCalm) {
    const UnixTime next = *told.green_since + kCalm;
    return {told, std::nullopt, next};
  }
  return {{.red = false, .since = now, .last = now, .green_since = {}, .recovered = now},
          NewsKind::kRecovery};
}

}  // namespace

Telling Tell(Told told, const Verdict& verdict, UnixTime now) {
  NotAfter(now, told);
  switch (verdict.light) {
    case Light::kRed:
      return TellRed(told, now);
    case Light::kGreen:
      return TellGreen(told, now);
    case Light::kUnsettled:
      break;
  }
  return {told};
}

}  // namespace runner
