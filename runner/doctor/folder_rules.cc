#include <fmt/format.h>

#include "runner/doctor/rules.h"
#include "targets/base/size.h"

namespace runner {
namespace {

using Area = DoctorArea;

constexpr targets::Bytes kMiB = targets::Bytes{1} << 20;

/// What one folder is for.
struct Purpose {
  Area area;
  std::string setting;      // how to name another
  targets::Bytes needs;     // less is an error
  targets::Bytes wants;     // less is a warning
  std::string without;      // what happens if it is full
  bool of_the_jobs = true;  // they write it, as run_as
};

std::string MoveIt(const Purpose& purpose) { return "set " + purpose.setting; }

/// False: it cannot be used at all.
bool JudgeUse(const DoctorInput& input, const FolderLook& folder, const Purpose& purpose,
              DoctorFindings& findings) {
  if (!folder.error.empty()) {
    findings.Error(purpose.area, folder.error, fmt::format("repair it, or {}", MoveIt(purpose)));
  } else if (folder.info && folder.info->type != FileType::kDirectory) {
    findings.Error(purpose.area, folder.path + " is no folder",
                   fmt::format("move away what lies there, or {}", MoveIt(purpose)));
  } else if (!folder.writable) {
    findings.Error(
        purpose.area, fmt::format("user {} cannot write {}", input.user, folder.nearest),
        fmt::format("give it to user {}, mount it writable, or {}", input.user, MoveIt(purpose)));
  } else {
    return true;
  }
  return false;
}

void JudgeOwner(const DoctorInput& input, const FolderLook& folder, const Purpose& purpose,
                DoctorFindings& findings) {
  constexpr std::uint32_t kWrittenByOthers = 0022;
  const auto& run_as = input.config->run_as;
  if (!purpose.of_the_jobs || !folder.info || !run_as || input.user != 0) return;
  if (run_as->uid == 0 || folder.info->uid == run_as->uid ||
      (folder.info->mode & kWrittenByOthers) != 0)
    return;
  findings.Warn(purpose.area,
                fmt::format("{} belongs to user {}, but the jobs run as user {}", folder.path,
                            folder.info->uid, run_as->uid),
                fmt::format("chown -R {}:{} {}", run_as->uid, run_as->gid, folder.path));
}

void JudgeSpace(const FolderLook& folder, const Purpose& purpose, DoctorFindings& findings) {
  if (!folder.space || folder.space->available >= purpose.wants) return;
  const std::string message =
      fmt::format("{} free at {}: {}", targets::FormatSize(folder.space->available), folder.nearest,
                  purpose.without);
  const std::string remedy = fmt::format("make room for {} or more, or {}",
                                         targets::FormatSize(purpose.wants), MoveIt(purpose));
  if (folder.space->available < purpose.needs) {
    findings.Error(purpose.area, message, remedy);
  } else {
    findings.Warn(purpose.area, message, remedy);
  }
}

bool InMemory(const FolderLook& folder) {
  return folder.mount && (folder.mount->type == "tmpfs" || folder.mount->type == "ramfs");
}

std::string Describe(const FolderLook& folder) {
  std::string text = folder.path;
  if (!folder.info) text += ", which will be made";
  if (folder.mount) text += fmt::format(", on the mount {}", folder.mount->point);
  if (folder.space) text += fmt::format(", {} free", targets::FormatSize(folder.space->available));
  return text;
}

/// Whether what is written there is found again.
void JudgeEndurance(const DoctorInput& input, DoctorFindings& findings) {
  const FolderLook& folder = input.state;
  const std::string forgets =
      "forgets which repository is its own and what it backed up, when it is made anew";
  if (InMemory(folder)) {
    findings.Warn(Area::kState,
                  fmt::format("{} lies in memory ({}): the installation {}", folder.path,
                              folder.mount->point, forgets),
                  "put state_dir on a disk");
  } else if (input.in_container && folder.mount && folder.mount->point == "/") {
    findings.Warn(
        Area::kState,
        fmt::format("{} is part of the container: the installation {}", folder.path, forgets),
        fmt::format("mount a volume at {}", folder.path));
  } else if (input.in_container && !folder.mount) {
    findings.Note(Area::kState,
                  fmt::format("whether {} is on a volume cannot be told", folder.path),
                  "make sure that it survives the container");
  }
}

void JudgeState(const DoctorInput& input, DoctorFindings& findings) {
  const Purpose purpose{Area::kState,
                        "state_dir (RUNNER_STATE_DIR)",
                        10 * kMiB,
                        100 * kMiB,
                        "markers and facts cannot be written to a full disk",
                        false};
  if (JudgeUse(input, input.state, purpose, findings)) {
    findings.Ok(Area::kState, Describe(input.state));
    JudgeEndurance(input, findings);
    JudgeSpace(input.state, purpose, findings);
  }
  for (const std::string& damage : input.damages) {
    findings.Warn(Area::kState, damage,
                  "look at the file; docs/formats/state.md tells what it should hold");
  }
}

void JudgeCache(const DoctorInput& input, DoctorFindings& findings) {
  const Purpose purpose{Area::kCache, "cache_dir (RUNNER_CACHE_DIR)", 0, 1024 * kMiB,
                        "restic's cache may need more, and without it each backup downloads again"};
  const FolderLook& folder = input.cache;
  if (!JudgeUse(input, folder, purpose, findings)) return;
  findings.Ok(Area::kCache, Describe(folder));
  JudgeOwner(input, folder, purpose, findings);
  JudgeSpace(folder, purpose, findings);
  const bool with_container = input.in_container && folder.mount && folder.mount->point == "/";
  if (!with_container && !InMemory(folder)) return;
  findings.Note(Area::kCache,
                fmt::format("{} does not survive: it is downloaded again by and by", folder.path),
                fmt::format("put cache_dir on a volume if downloads cost money"));
}

void JudgeTemporary(const DoctorInput& input, DoctorFindings& findings) {
  if (!input.temp) return;
  const Purpose purpose{Area::kTemporary, "temp_dir (BACKUP_TEMP_DIR)", 0, 500 * kMiB,
                        "restic packs its uploads there"};
  if (!JudgeUse(input, *input.temp, purpose, findings)) return;
  findings.Ok(Area::kTemporary, Describe(*input.temp));
  JudgeOwner(input, *input.temp, purpose, findings);
  JudgeSpace(*input.temp, purpose, findings);
}

}  // namespace

void JudgeFolders(const DoctorInput& input, DoctorFindings& findings) {
  JudgeState(input, findings);
  JudgeCache(input, findings);
  JudgeTemporary(input, findings);
}

}  // namespace runner
