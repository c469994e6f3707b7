// Everything that restic prints and the runner reads: any bytes must give a value or an error,
// never a crash.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runner/restic/evidence.h"
#include "runner/restic/failure.h"
#include "runner/restic/json.h"
#include "targets/base/text.h"
#include "targets/restic/version.h"

namespace {

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

void ReadBackupOutput(std::string_view text) {
  runner::BackupOutput output;
  for (const std::string_view line : targets::Split(text, '\n')) {
    output.OnStdoutLine(line);
    output.OnStderrLine(line);
  }
  Check(output.status().fraction >= 0 && output.status().fraction <= 1);
  Check(output.status().seconds_remaining >= -1);
  Check(output.summary().seconds >= 0);
  Check(output.unreadable().size() <= runner::BackupOutput::kMaxUnreadable);
  Check(output.unreadable_count() >= output.unreadable().size());
}

void ReadLists(std::string_view text) {
  if (const auto snapshots = runner::ParseSnapshots(text)) {
    for (const targets::Snapshot& snapshot : *snapshots) {
      Check(snapshot.id.str().size() == 64);
      Check(snapshot.nanoseconds >= 0 && snapshot.nanoseconds < 1'000'000'000);
      Check(snapshot.utc_offset > -100 * 3600 && snapshot.utc_offset < 100 * 3600);
    }
  }
  if (const auto id = runner::ParseRepositoryId(text)) Check(id->size() == 64);
  if (const auto ids = runner::ParseIdLines(text)) {
    for (const std::string& id : *ids) Check(id.size() == 64);
  }
  (void)runner::ParseLock(text);
  (void)targets::ParseResticVersion(text);
}

void ClassifyText(std::string_view text, int code, const targets::ResticVersion& version) {
  runner::ProcessResult result;
  result.status = runner::Exited{code};
  result.stderr_tail = text;
  const auto failure = runner::Classify(result, version);
  Check(failure.has_value() == (code != 0));
  if (!failure) return;
  Check(failure->reason.size() <= 500 && failure->reason.find('\n') == std::string::npos);
  Check(!runner::CauseName(failure->cause).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  ReadBackupOutput(text);
  ReadLists(text);
  (void)runner::FindB2Error(text);
  (void)runner::IsBenign(text);
  for (const int code : {0, 1, 3, 10, 11, 12}) {
    ClassifyText(text, code, {0, 14, 0});
    ClassifyText(text, code, {0, 19, 1});
  }
  return 0;
}
