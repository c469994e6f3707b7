#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace targets {

/// The kinds of work. The first four belong to a target, the others to the repository.
enum class Stage { kRestore, kBackup, kForget, kDrill, kProbe, kPrune, kCheck };

inline constexpr std::array kTargetStages = {Stage::kRestore, Stage::kBackup, Stage::kForget,
                                             Stage::kDrill};
inline constexpr std::array kRepositoryStages = {Stage::kProbe, Stage::kPrune, Stage::kCheck};

constexpr std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kRestore:
      return "restore";
    case Stage::kBackup:
      return "backup";
    case Stage::kForget:
      return "forget";
    case Stage::kDrill:
      return "drill";
    case Stage::kProbe:
      return "probe";
    case Stage::kPrune:
      return "prune";
    case Stage::kCheck:
      return "check";
  }
  return "unknown";
}

constexpr std::optional<Stage> StageFromName(std::string_view name) {
  for (const Stage stage : kTargetStages) {
    if (StageName(stage) == name) return stage;
  }
  for (const Stage stage : kRepositoryStages) {
    if (StageName(stage) == name) return stage;
  }
  return std::nullopt;
}

}  // namespace targets
