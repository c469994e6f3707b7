#include "runner/keys/key_words.h"

#include <fmt/format.h>

#include "targets/base/redactor.h"
#include "targets/restic/key_place.h"

namespace runner {
namespace {

constexpr const char* kNone = "none yet, the next backup makes one";
constexpr const char* kRenew = "`runner key renew` makes a new one";

std::string Day(const KeyRecord& record) {
  return record.since ? targets::FormatRfc3339(*record.since).substr(0, 10) : "an unknown day";
}

std::string WordsOf(const KeyRecord& record) {
  switch (record.state) {
    case KeyState::kMaking:
      return fmt::format(
          "was being made on {} when the runner ended; a backup tries again a day later",
          Day(record));
    case KeyState::kInUse:
      return fmt::format("in use since {} ({})", Day(record), record.id.substr(0, 8));
    case KeyState::kRefused:
      return fmt::format("refused by the repository on {}; {}", Day(record), kRenew);
    case KeyState::kFailed:
      return fmt::format("could not be added on {}: {}; a backup tries again a day later",
                         Day(record), record.reason);
    case KeyState::kRevoked:
      return fmt::format("revoked on {}; {}", Day(record), kRenew);
  }
  return {};
}

}  // namespace

std::string KeyWords(const targets::Config& config,
                     const targets::Result<std::optional<KeyRecord>>& record,
                     const std::string& repository) {
  const bool known = record && record->has_value() && (*record)->repository == repository;
  if (config.repository.machine_key == targets::MachineKeyRule::kOff) {
    const bool left = known && !(*record)->made.empty();
    return left ? "off; `runner key revoke` removes the one that is in the repository" : "off";
  }
  if (targets::KeyPlaceOf(config.repository.url) == targets::KeyPlaceKind::kNone)
    return "none, only restic can write to this storage";
  if (!record) return fmt::format("not used: {}", record.error().message);
  if (!known) return kNone;
  if ((*record)->exposed)
    return "not used: others may read its file; the next backup makes a new one";
  return WordsOf(**record);
}

}  // namespace runner
