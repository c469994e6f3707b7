#include <fmt/format.h>

#include "runner/doctor/rules.h"
#include "targets/base/size.h"
#include "targets/model/source_state.h"

namespace runner {
namespace {

using targets::SourceState;
using Area = DoctorArea;

std::string Line(const SourceCheck& source, std::string_view text) {
  return fmt::format("{}: {}", source.id.str(), text);
}

std::string Reader(const DoctorInput& input) {
  const auto& run_as = input.config->run_as;
  return fmt::format("user {}", run_as && input.user == 0 ? run_as->uid : input.user);
}

void JudgeEmpty(const SourceCheck& source, DoctorFindings& findings) {
  const std::string path = source.report.path;
  if (source.allow_empty) {
    findings.Ok(Area::kSource, Line(source, path + " is empty, which is allowed"));
  } else if (source.restore_if_empty) {
    findings.Note(Area::kSource,
                  Line(source, path + " is empty: the next run asks the repository whether to "
                                      "restore it"),
                  "nothing, if it is new or was lost; else mount the right volume first");
  } else {
    findings.Warn(Area::kSource, Line(source, path + " is empty, and so it is not backed up"),
                  fmt::format("mount the right volume, or type `runner restore {}`, or write "
                              "guard: {{allow_empty: true}}",
                              source.id.str()));
  }
}

void JudgeState(const DoctorInput& input, const SourceCheck& source, DoctorFindings& findings) {
  switch (source.report.state) {
    case SourceState::kMissing:
      return findings.Error(Area::kSource, Line(source, "missing: " + source.report.detail),
                            "mount or create it, or correct source");
    case SourceState::kUnreadable:
      return findings.Error(
          Area::kSource, Line(source, "unreadable: " + source.report.detail),
          fmt::format("let {} read it; a network mount that hangs must be mounted anew",
                      Reader(input)));
    case SourceState::kEmpty:
      return JudgeEmpty(source, findings);
    case SourceState::kHalfRestored:
      return findings.Warn(
          Area::kSource, Line(source, "a restore was cut off in " + source.report.path),
          fmt::format("`runner run {} --stage restore` finishes it or starts it over",
                      source.id.str()));
    case SourceState::kHasData:
    case SourceState::kNotChecked:
      break;
  }
  findings.Ok(Area::kSource, Line(source, source.report.path + " has data"));
}

/// A restore prepares everything inside the source's own file system.
void JudgeRoom(const SourceCheck& source, DoctorFindings& findings) {
  if (!source.newest_bytes || !source.space) return;
  const bool empty = source.report.state == SourceState::kEmpty ||
                     source.report.state == SourceState::kHalfRestored;
  const targets::Bytes room = empty ? source.space->available : source.space->total;
  if (room >= *source.newest_bytes) return;
  const std::string message = Line(
      source, fmt::format("its newest snapshot has {}, but {} is {}",
                          targets::FormatSize(*source.newest_bytes),
                          empty ? "what is free" : "the whole disk", targets::FormatSize(room)));
  const std::string remedy = "make room, or restore elsewhere with `runner restore --to DIR`";
  if (empty) {
    findings.Error(Area::kSource, message, remedy);
  } else {
    findings.Warn(Area::kSource, message, remedy);
  }
}

}  // namespace

void JudgeSources(const DoctorInput& input, DoctorFindings& findings) {
  for (const SourceCheck& source : input.sources) {
    JudgeState(input, source, findings);
    if (source.report.state == SourceState::kMissing ||
        source.report.state == SourceState::kUnreadable)
      continue;
    if (source.restore_if_empty && !source.writable) {
      findings.Warn(Area::kSource,
                    Line(source, source.report.path + " is read-only, so it cannot be restored"),
                    "mount it writable, or write restore_if_empty: false");
    }
    JudgeRoom(source, findings);
  }
}

}  // namespace runner
