#include <fmt/format.h>

#include "runner/http/site.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Stage;

Result<std::string> OfRepository(Stage stage, const targets::Config& config, Actions& actions) {
  const bool configured = stage == Stage::kProbe   ? config.maintenance.probe.has_value()
                          : stage == Stage::kPrune ? config.maintenance.prune.has_value()
                                                   : config.maintenance.check.has_value();
  const std::string name(targets::StageName(stage));
  if (!configured) return Fail(name + " is switched off", "see maintenance in the configuration");
  actions.RunNow({targets::TargetId(), stage});
  return name + " runs as soon as it may";
}

Result<std::string> Acknowledge(const targets::Target& target, const std::string& verdict,
                                Actions& actions) {
  if (verdict != "accept" && verdict != "discard") return Fail("verdict: write accept or discard");
  actions.Acknowledge(target.id,
                      verdict == "accept" ? Actions::Verdict::kAccept : Actions::Verdict::kDiscard);
  return fmt::format("{}: {} is under way", target.id.str(), verdict);
}

}  // namespace

Result<std::string> Act(const std::string& action, const std::map<std::string, std::string>& form,
                        const targets::Config& config, Actions& actions) {
  for (const Stage stage : targets::kRepositoryStages) {
    if (action == targets::StageName(stage)) return OfRepository(stage, config, actions);
  }
  if (action != "run" && action != "drill" && action != "ack")
    return Fail("there is no such action", "run, drill, ack, probe, prune or check");
  const std::string name = FieldOf(form, "target");
  const targets::Target* target = targets::FindTarget(config, targets::TargetId(name));
  if (target == nullptr)
    return Fail(fmt::format("there is no target \"{}\"", targets::OneLine(name, 80)));
  if (!target->enabled) return Fail(name + " is switched off", "enabled: true switches it on");
  if (action == "ack") return Acknowledge(*target, FieldOf(form, "verdict"), actions);
  if (action == "drill" && !target->drill)
    return Fail(name + " has no drill", "give it one in the configuration: drill");
  actions.RunNow({target->id, action == "run" ? Stage::kBackup : Stage::kDrill});
  return fmt::format("{}: the {} runs as soon as it may", name,
                     action == "run" ? "backup" : "drill");
}

}  // namespace runner
