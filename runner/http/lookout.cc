#include "runner/http/lookout.h"

#include <algorithm>
#include <utility>

#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/status/collect.h"
#include "targets/base/text.h"

namespace runner {

Lookout::Lookout(Tools tools, std::shared_ptr<const Installed> installed)
    : tools_(std::move(tools)), installed_(std::move(installed)) {}

void Lookout::Use(std::shared_ptr<const Installed> installed) {
  const std::lock_guard lock(installed_mutex_);
  installed_ = std::move(installed);
}

std::shared_ptr<const Installed> Lookout::InForce() const {
  const std::lock_guard lock(installed_mutex_);
  return installed_;
}

targets::Result<std::shared_ptr<const Look>> Lookout::Now() {
  const std::shared_ptr<const Installed> in_force = InForce();
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = tools_.clock.Monotonic();
  if (look_ != nullptr && look_->installed == in_force && now - looked_at_ < kFresh) return look_;
  auto look = LookAround(in_force);
  if (!look) return look;
  look_ = *look;
  looked_at_ = tools_.clock.Monotonic();
  return look_;
}

targets::Result<std::shared_ptr<const Look>> Lookout::LookAround(
    std::shared_ptr<const Installed> with) {
  StatusQuery query{.configured_at = with->configured_at, .nap = tools_.nap};
  const MonotonicTime now = tools_.clock.Monotonic();
  for (const auto& [target, silence] : silent_) {
    if (now < silence.until) query.silent.insert(target);
  }
  auto input = CollectStatus(with->config, query, tools_.files, tools_.redactor(), tools_.clock);
  if (!input) return targets::Fail(input.error());
  RememberSilence(*input);
  auto look = std::make_shared<Look>();
  look->installed = std::move(with);
  look->status = *std::move(input);
  look->report = MakeStatus(look->status);
  ReadHistory(*look);
  const auto costs = targets::EstimateCosts(look->installed->config, look->report.time,
                                            look->status.repository_facts.stored_bytes);
  if (costs) look->costs = *costs;
  return std::shared_ptr<const Look>(std::move(look));
}

void Lookout::RememberSilence(const StatusInput& input) {
  hangs_ = hangs_ || input.health.a_look_hangs;
  for (const TargetInput& target : input.health.targets) {
    if (target.source_look == SourceLookKind::kNotLooked) continue;
    if (target.source_look == SourceLookKind::kAnswered) {
      silent_.erase(target.id);
      continue;
    }
    Silence& silence = silent_[target.id];
    silence.length = silence.length.count() == 0 ? kSilence : silence.length * 2;
    silence.until = tools_.clock.Monotonic() + silence.length;
  }
}

/// Only what came since the last look, unless the zone or the whole history is another one.
void Lookout::ReadHistory(Look& look) {
  const std::string& zone = look.status.zone.name();
  if (!digest_ || digest_zone_ != zone) {
    digest_.emplace(look.status.zone);
    digest_zone_ = zone;
    digested_ = 0;
  }
  OutlineQuery query{.since = RunDigest::Since(look.report.time), .after = digested_};
  auto page = tools_.history.Outline(query);
  if (page && page->newest < digested_) {
    digest_.emplace(look.status.zone);
    digested_ = query.after = 0;
    page = tools_.history.Outline(query);
  }
  if (!page) {
    look.history_error = targets::OneLine(tools_.redactor().Redact(page.error().message));
    return;
  }
  for (const RunOutline& run : page->runs) {
    digest_->Add(run);
    digested_ = run.id;
  }
  digest_->Trim(look.report.time);
  for (const targets::Target& target : look.installed->config.targets)
    look.strips[target.id] = digest_->StripOf(target.id, look.report.time);
}

HealthReport Lookout::Live() const {
  return Evaluate(CollectHealth(InForce()->config, {.daemon_only = true}, tools_.files,
                                tools_.redactor(), tools_.clock));
}

bool Lookout::Hangs() const {
  const std::lock_guard lock(mutex_);
  return hangs_;
}

}  // namespace runner
