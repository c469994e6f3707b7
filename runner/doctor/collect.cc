#include "runner/doctor/collect.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "runner/restic/environment.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "targets/base/text.h"
#include "targets/schedule/zone.h"

namespace runner {
namespace {

using targets::Argv;
using targets::Target;
using targets::TargetId;
using targets::UnixTime;

constexpr std::size_t kMountinfoLimit = std::size_t{16} << 20;

std::string Parent(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

/// As execvp(3) does it; a child of the program has the same folder.
ProgramLook::State FindProgram(FileSystem& files, const std::string& name,
                               const std::string& path_variable) {
  constexpr std::uint32_t kExecutable = 0111;
  auto state = ProgramLook::State::kMissing;
  const auto look = [&](const std::string& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error).lexically_normal().string();
    const auto info = files.Stat(absolute, LinkHandling::kFollow);
    if (!info || !info->has_value()) return;
    const bool runs = (*info)->type == FileType::kFile && ((*info)->mode & kExecutable) != 0;
    if (runs) {
      state = ProgramLook::State::kFound;
    } else if (state == ProgramLook::State::kMissing) {
      state = ProgramLook::State::kNotExecutable;
    }
  };
  if (name.find('/') != std::string::npos) {
    look(name);
    return state;
  }
  for (const std::string_view folder : targets::Split(path_variable, ':')) {
    if (state == ProgramLook::State::kFound) break;
    look(fmt::format("{}/{}", folder.empty() ? "." : folder, name));
  }
  return state;
}

class Collector {
 public:
  Collector(DoctorInput& input, const DoctorQuery& query, FileSystem& files,
            const targets::Redactor& redactor)
      : input_(input),
        query_(query),
        config_(*input.config),
        files_(files),
        redactor_(redactor),
        folder_(files, input.config->state_dir),
        markers_(files, redactor, folder_),
        facts_(files, folder_) {}

  void Collect(SourceInspector& inspector) {
    LookAtMachine();
    input_.state = Look(config_.state_dir);
    input_.cache = Look(CacheFolder(config_));
    if (!config_.temp_dir.empty()) input_.temp = Look(config_.temp_dir);
    for (const Target& target : config_.targets) LookAtTarget(target, inspector);
    LookAtRepository();
    LookAtDaemon();
    if (const auto& password = config_.repository.password) {
      if (const auto* command = std::get_if<targets::CommandSecret>(&*password))
        AddProgram("repository.password_command", command->command, {});
    }
  }

 private:
  [[nodiscard]] std::string Clean(const std::string& text) const {
    return targets::OneLine(redactor_.Redact(text));
  }
  void Damage(const targets::Error& error) { input_.damages.push_back(Clean(error.message)); }

  [[nodiscard]] bool Exists(const std::string& path) const {
    const auto info = files_.Stat(path, LinkHandling::kFollow);
    return info && info->has_value();
  }

  void LookAtMachine() {
    const auto text = files_.Read("/proc/self/mountinfo", kMountinfoLimit);
    if (text && text->has_value()) mounts_ = Mounts(**text);
    const Mount* root = MountOf(mounts_, "/");
    input_.in_container = Exists("/.dockerenv") || Exists("/run/.containerenv") ||
                          (root != nullptr && root->type == "overlay");
  }

  [[nodiscard]] FolderLook Look(const std::string& path) const {
    FolderLook look{.path = path, .nearest = path};
    auto info = files_.Stat(path, LinkHandling::kFollow);
    if (info) look.info = *info;
    while (info && !info->has_value() && look.nearest != "/") {
      look.nearest = Parent(look.nearest);
      info = files_.Stat(look.nearest, LinkHandling::kFollow);
    }
    if (!info) {
      look.error = Clean(info.error().message);
      return look;
    }
    if (const auto real = files_.RealPath(look.nearest)) look.nearest = *real;
    look.writable = files_.Writable(look.nearest);
    if (const auto space = files_.Space(look.nearest)) look.space = *space;
    if (const Mount* mount = MountOf(mounts_, look.nearest)) look.mount = *mount;
    return look;
  }

  void LookAtTarget(const Target& target, SourceInspector& inspector) {
    const auto facts = facts_.ReadTarget(target.id);
    if (!facts) Damage(facts.error());
    if (facts && facts->newest_good)
      Know("the newest snapshot of " + target.id.str(), facts->newest_good->time);
    for (const targets::Stage stage : targets::kTargetStages) {
      const auto last = markers_.LastSuccess({target.id, stage});
      if (last && last->has_value())
        Know(fmt::format("the last {} of {}", targets::StageName(stage), target.id.str()), **last);
    }
    if (!target.enabled) return;
    const auto at_work = folder_.TargetIsLocked(target.id);
    if (at_work && *at_work) input_.at_work.push_back(target.id);
    AddPrograms(target);
    if (const auto* source = std::get_if<targets::DirectorySource>(&target.source)) {
      input_.sources.push_back(Check(target, *source, inspector));
      if (facts && facts->newest_good)
        input_.sources.back().newest_bytes = facts->newest_good->bytes;
    }
  }

  SourceCheck Check(const Target& target, const targets::DirectorySource& source,
                    SourceInspector& inspector) {
    using targets::SourceState;
    SourceCheck check{.id = target.id, .report = inspector.Inspect(source, target.guard)};
    check.report.detail = Clean(check.report.detail);
    check.restore_if_empty = target.restore.if_empty;
    check.allow_empty = target.guard.allow_empty;
    // A file system that did not answer the child would hang this process.
    if (check.report.state == SourceState::kMissing ||
        check.report.state == SourceState::kUnreadable)
      return check;
    check.writable = files_.Writable(check.report.path);
    if (const auto space = files_.Space(check.report.path)) check.space = *space;
    return check;
  }

  void AddPrograms(const Target& target) {
    const std::string key = "targets." + target.id.str();
    const auto add = [&](const std::string& name, const std::vector<Argv>& commands) {
      for (const Argv& argv : commands) AddProgram(key + name, argv, target.environment);
    };
    add(".hooks.before", target.hooks.before);
    add(".hooks.after", target.hooks.after);
    add(".hooks.on_success", target.hooks.on_success);
    add(".hooks.on_failure", target.hooks.on_failure);
    if (const auto* command = std::get_if<targets::CommandSource>(&target.source))
      add(".command", {command->command});
    if (target.drill && !target.drill->command.empty())
      add(".drill.command", {target.drill->command});
  }

  void AddProgram(std::string key, const Argv& argv,
                  const std::map<std::string, std::string>& environment) {
    constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";
    std::string path = kUsualPath;
    for (const auto* variables : {&query_.environment, &environment}) {
      if (const auto found = variables->find("PATH"); found != variables->end())
        path = found->second;
    }
    input_.programs.push_back(
        {std::move(key), argv.front(), FindProgram(files_, argv.front(), path)});
  }

  void LookAtRepository() {
    for (const targets::Stage stage : targets::kRepositoryStages) {
      const auto last = markers_.LastSuccess({{}, stage});
      if (last && last->has_value())
        Know(fmt::format("the last {}", targets::StageName(stage)), **last);
    }
    const auto facts = facts_.ReadRepository();
    if (!facts) return Damage(facts.error());
    if (facts->listed_at) Know("the last listing of the repository", *facts->listed_at);
  }

  void LookAtDaemon() {
    const auto locked = folder_.DaemonIsLocked();
    input_.daemon_runs = locked && *locked;
    auto facts = facts_.ReadDaemon();
    if (!facts) return Damage(facts.error());
    input_.daemon = *std::move(facts);
    if (!input_.daemon) return;
    input_.daemon->config_error = Clean(input_.daemon->config_error);
    Know("the start of the daemon", input_.daemon->started);
  }

  void Know(std::string what, UnixTime time) {
    if (!input_.newest_known || input_.newest_known->time < time)
      input_.newest_known = KnownTime{std::move(what), time};
  }

  DoctorInput& input_;
  const DoctorQuery& query_;
  const targets::Config& config_;
  FileSystem& files_;
  const targets::Redactor& redactor_;
  StateFolder folder_;
  MarkerStore markers_;
  FactStore facts_;
  std::vector<Mount> mounts_;
};

}  // namespace

DoctorInput CollectForDoctor(const targets::Config& config, DoctorQuery query, FileSystem& files,
                             ProcessRunner& processes, SourceInspector& inspector,
                             const targets::Redactor& redactor, const Clock& clock) {
  DoctorInput input;
  input.config = &config;
  input.now = clock.Now();
  input.user = query.user;
  input.warnings = std::move(query.warnings);
  input.secrets = std::move(query.secrets);
  input.restic_program = query.restic_program;
  input.restic = Restic::DetectVersion(processes, query.restic_program);
  if (const auto zone = targets::Zone::Load(config.timezone); !zone)
    input.timezone_error = zone.error().message;
  Collector(input, query, files, redactor).Collect(inspector);
  return input;
}

}  // namespace runner
