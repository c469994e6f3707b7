#include "runner/state/fact_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "runner/base/file_path.h"
#include "runner/state/fact_json.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

constexpr std::uint32_t kFileMode = 0644;
constexpr const char* kFactsFile = "facts.json";
/// Whoever has the lock reads and writes one small file: five seconds are plenty.
constexpr std::chrono::milliseconds kLockPause{20};
constexpr int kLockTries = 250;

template <typename Facts>
Result<std::optional<Facts>> ReadFacts(FileSystem& files, const std::string& path,
                                       Result<Facts> (*parse)(const std::string&)) {
  const auto text = files.Read(path, kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  Result<Facts> facts = parse(**text);
  if (facts) return std::move(*facts);
  return Fail(fmt::format("cannot understand {}: {}", path, facts.error().message),
              "restore the file from a copy of the state folder; if there is none, remove it: what "
              "it held is "
              "learned again, but until then nothing remembers which snapshots existed");
}

bool IsRepositoryId(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

FactStore::FactStore(FileSystem& files, StateFolder folder)
    : FactStore(files, std::move(folder),
                [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }) {}

FactStore::FactStore(FileSystem& files, StateFolder folder, Pause pause)
    : files_(files), folder_(std::move(folder)), pause_(std::move(pause)) {}

Result<TargetFacts> FactStore::ReadTarget(const targets::TargetId& id) const {
  auto facts =
      ReadFacts(files_, JoinPath(folder_.TargetFolder(id), kFactsFile), &TargetFactsFromJson);
  if (!facts) return Fail(facts.error());
  return facts->value_or(TargetFacts{});
}

Status FactStore::WriteTarget(const targets::TargetId& id, const TargetFacts& facts) const {
  if (Status made = folder_.PrepareTarget(id); !made) return made;
  return files_.WriteDurably(JoinPath(folder_.TargetFolder(id), kFactsFile), ToJson(facts),
                             kFileMode);
}

Status FactStore::UpdateTarget(const targets::TargetId& id,
                               const std::function<void(TargetFacts&)>& change) const {
  auto facts = ReadTarget(id);
  if (!facts) return Fail(facts.error());
  const TargetFacts before = *facts;
  change(*facts);
  return *facts == before ? Status{} : WriteTarget(id, *facts);
}

Result<RepositoryFacts> FactStore::ReadRepository() const {
  auto facts =
      ReadFacts(files_, JoinPath(folder_.RepositoryFolder(), kFactsFile), &RepositoryFactsFromJson);
  if (!facts) return Fail(facts.error());
  return facts->value_or(RepositoryFacts{});
}

StateFolder::Lock FactStore::LockRepositoryFacts() const {
  const std::string path = JoinPath(folder_.RepositoryFolder(), "facts.lock");
  for (int tries = 1;; ++tries) {
    auto lock = files_.TryLock(path, LockMode::kExclusive);
    if (!lock || *lock != nullptr) return lock;
    if (tries == kLockTries) {
      return Fail(fmt::format("{} is held by another process for too long", path),
                  "a runner that hangs or is stopped holds it; end that process");
    }
    pause_(kLockPause);
  }
}

Status FactStore::UpdateRepository(const std::function<void(RepositoryFacts&)>& change) const {
  const auto lock = LockRepositoryFacts();
  if (!lock) return Fail(lock.error());
  auto facts = ReadRepository();
  if (!facts) return Fail(facts.error());
  const RepositoryFacts before = *facts;
  change(*facts);
  if (*facts == before) return {};
  return files_.WriteDurably(JoinPath(folder_.RepositoryFolder(), kFactsFile), ToJson(*facts),
                             kFileMode);
}

Result<std::optional<DaemonFacts>> FactStore::ReadDaemon() const {
  return ReadFacts(files_, folder_.DaemonFile(), &DaemonFactsFromJson);
}

Status FactStore::WriteDaemon(const DaemonFacts& facts) const {
  return files_.WriteDurably(folder_.DaemonFile(), ToJson(facts), kFileMode);
}

Result<std::optional<std::string>> FactStore::PinnedRepositoryId() const {
  const std::string path = JoinPath(folder_.RepositoryFolder(), "id");
  const auto text = files_.Read(path, kSmallFileLimit);
  if (!text) return Fail(text.error());
  if (!text->has_value()) return std::nullopt;
  const std::string id(targets::TrimSpace(**text));
  if (IsRepositoryId(id)) return id;
  return Fail(fmt::format("{} holds no repository id (64 hexadecimal digits)", path),
              "write the id that `restic cat config` prints into that file");
}

Status FactStore::PinRepositoryId(const std::string& id) const {
  if (!IsRepositoryId(id)) {
    return Fail(fmt::format("\"{}\" is no repository id (64 hexadecimal digits)",
                            targets::OneLine(id, 80)));
  }
  const auto pinned = PinnedRepositoryId();
  if (!pinned) return Fail(pinned.error());
  if (pinned->has_value() && **pinned != id) {
    return Fail(fmt::format("the repository {} is pinned in {}, not {}", **pinned,
                            folder_.RepositoryFolder(), id),
                "check the repository's url: this is another repository");
  }
  if (pinned->has_value()) return {};
  return files_.WriteDurably(JoinPath(folder_.RepositoryFolder(), "id"), id + "\n", kFileMode);
}

Status FactStore::UnpinRepositoryId() const {
  return files_.Remove(JoinPath(folder_.RepositoryFolder(), "id"));
}

}  // namespace runner
