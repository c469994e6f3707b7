#include "runner/keys/key_keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/base/redactor.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAskOnce{0};
constexpr std::chrono::minutes kPerson{1};

std::string Short(const std::string& id) { return id.substr(0, 8); }

tl::unexpected<Failure> Refusal(Cause cause, std::string reason, std::string hint = {}) {
  return tl::unexpected<Failure>(Failure{cause, std::move(reason), std::move(hint), std::nullopt});
}

tl::unexpected<Failure> Refusal(const targets::Error& error) {
  return Refusal(Cause::kUnknown, error.message, error.hint);
}

/// restic before 0.17 lists 8 digits of each id.
bool Names(const KeyInfo& key, const std::string& id) { return id.starts_with(key.id); }

bool AreAmong(const std::vector<KeyInfo>& keys, const std::string& id) {
  return std::ranges::any_of(keys, [&](const KeyInfo& key) { return Names(key, id); });
}

std::string UsersKey(const std::vector<KeyInfo>& keys) {
  const auto current = std::ranges::find_if(keys, &KeyInfo::current);
  return current == keys.end() ? std::string() : current->id;
}

}  // namespace

KeyKeeper::KeyKeeper(KeyTools tools) : tools_(std::move(tools)) {
  tools_.choice.OnRefused([this](const MachineKey& key) { OnRefused(key); });
}

std::string KeyKeeper::UrlName() const {
  return targets::RedactUrlPasswords(tools_.config.repository.url);
}

void KeyKeeper::Warn(const std::string& message) const {
  tools_.observer.OnEvent({Severity::kWarning, "repository", "", targets::OneLine(message)});
}

targets::Status KeyKeeper::Write(const KeyRecord& record) const {
  return tools_.store.Write(record);
}

bool KeyKeeper::IsOurs(const KeyInfo& key) const {
  return key.user == kUser && key.host == tools_.config.instance.str();
}

void KeyKeeper::TakeUp(const std::string& repository) {
  if (tools_.config.repository.machine_key == targets::MachineKeyRule::kOff) return;
  const auto record = tools_.store.Read();
  if (!record || !record->has_value()) return;  // Ensure() complains
  auto key = UsableKey(**record, repository, UrlName());
  if (!key) return;
  if (tools_.learn) tools_.learn(key->password);
  tools_.choice.Use(*std::move(key));
}

/// Somebody may have renewed it meanwhile; then its successor is used.
void KeyKeeper::OnRefused(const MachineKey& key) {
  const auto lock = tools_.store.TryLock();
  auto record = tools_.store.Read();
  if (record && record->has_value() && (*record)->id != key.id) {
    if (auto next = UsableKey(**record, key.repository, UrlName())) {
      if (tools_.learn) tools_.learn(next->password);
      return tools_.choice.Use(*std::move(next));
    }
  }
  Warn(
      fmt::format("the repository does not take the machine key {} any more; restic uses the "
                  "password again, and the next backup in a day makes a new key (`runner key "
                  "renew` does it now)",
                  Short(key.id)));
  if (!lock || *lock == nullptr || !record || !record->has_value()) return;
  if ((*record)->state != KeyState::kInUse || (*record)->id != key.id) return;
  (*record)->state = KeyState::kRefused;
  (*record)->password = {};
  (*record)->since = tools_.clock.Now();
  if (const auto written = Write(**record); !written) Warn(written.error().message);
}

/// True if the kept key is in use now. It moves along with its repository.
bool KeyKeeper::UseKept(KeyRecord& record, const std::string& repository) {
  auto key = UsableKey(record, repository, record.url);
  if (!key) return false;
  if (record.url != UrlName()) {
    record.url = UrlName();
    if (const auto written = Write(record); !written) Warn(written.error().message);
  }
  if (tools_.choice.Current() == *key) return true;
  if (tools_.learn) tools_.learn(key->password);
  tools_.choice.Use(*std::move(key));
  return true;
}

bool KeyKeeper::Wanted(const std::optional<KeyRecord>& record,
                       const std::string& repository) const {
  if (!record || record->repository != repository) return true;
  if (record->state == KeyState::kRevoked) return false;
  if (record->exposed || !record->since) return true;
  const targets::Duration age = tools_.clock.Now() - *record->since;
  return age < targets::Duration{0} || age >= kBetweenTries;
}

void KeyKeeper::Ensure(const std::string& repository, StopHandle& stop) {
  if (tools_.config.repository.machine_key == targets::MachineKeyRule::kOff) return;
  if (tools_.place == nullptr) return;
  const auto lock = tools_.store.TryLock();
  if (!lock || *lock == nullptr) return;
  auto read = tools_.store.Read();
  if (!read) Warn(read.error().message + "; a new machine key is made");
  std::optional<KeyRecord> known = read ? *std::move(read) : std::nullopt;
  if (known && UseKept(*known, repository)) return;
  if (!Wanted(known, repository)) return;
  KeyRecord record{.repository = repository, .url = UrlName(), .since = tools_.clock.Now()};
  if (known && known->repository == repository) record.made = known->made;
  const auto made = Make(record, stop);
  if (made || stop.Stopped()) return;
  record.state = KeyState::kFailed;
  record.reason = targets::OneLine(made.error().reason);
  Warn(
      fmt::format("no machine key could be added: {}; restic uses the password as before, the next "
                  "try is in a day",
                  record.reason));
  if (const auto written = Write(record); !written) Warn(written.error().message);
}

Outcome<std::string> KeyKeeper::Renew(const std::string& repository, StopHandle& stop) {
  if (tools_.config.repository.machine_key == targets::MachineKeyRule::kOff)
    return Refusal(Cause::kUsage, "repository.machine_key is off", "set it to auto");
  if (tools_.place == nullptr) {
    return Refusal(Cause::kUsage,
                   "only restic can write to this storage, and it makes no such keys",
                   "see docs/machine-key.md for the storages where it works");
  }
  const auto lock = tools_.store.TryLock();
  if (!lock) return Refusal(lock.error());
  if (*lock == nullptr) return Refusal(Cause::kLocked, "somebody else is making a machine key");
  const auto read = tools_.store.Read();
  const bool same = read && read->has_value() && (*read)->repository == repository;
  KeyRecord record{.repository = repository, .url = UrlName(), .since = tools_.clock.Now()};
  if (same) record = **read;
  return Make(record, stop);
}

/// Opened again before anything is written: a key that is no good must never be in a repository.
Outcome<KeyFile> KeyKeeper::Sealed(const targets::Secret& password, StopHandle& stop) {
  const auto json = tools_.restic.MasterKeyJson(stop);
  if (!json) return tl::unexpected<Failure>(json.error());
  const auto master = ParseMasterKey(json->Expose());
  if (!master) return Refusal(master.error());
  const auto random = DrawKeyRandom();
  if (!random) return Refusal(random.error());
  const KeyLabel label{kUser, tools_.config.instance.str(), tools_.clock.Now()};
  auto file = SealMasterKey(*master, password, label, *random);
  if (!file) return Refusal(file.error());
  const auto opened = OpenKeyFile(file->content, password);
  if (!opened || *opened != *master)
    return Refusal(Cause::kUnknown, "the new key does not open again, so it was not written");
  return *std::move(file);
}

Outcome<void> KeyKeeper::PutAndProve(const KeyFile& file, const MachineKey& key, StopHandle& stop) {
  auto put = tools_.place->Put({"keys", file.id, file.content}, stop);
  if (!put) return put;
  const auto proven = tools_.restic.ProbeWith(key, stop);
  if (!proven) return tl::unexpected<Failure>(proven.error());
  if (*proven != key.repository)
    return Refusal(Cause::kUnknown, "the new key opens another repository");
  return {};
}

std::optional<Failure> KeyKeeper::TooMany(const std::vector<KeyInfo>& keys) const {
  const auto ours = static_cast<std::size_t>(
      std::ranges::count_if(keys, [&](const KeyInfo& key) { return IsOurs(key); }));
  if (ours < kMostOfOurs && keys.size() < kMostOfAll) return std::nullopt;
  return Failure{
      Cause::kUsage,
      fmt::format("the repository has {} keys, {} of them from this runner", keys.size(), ours),
      "is the state folder on a volume? `runner key revoke` removes those of this runner",
      std::nullopt};
}

/// Removes what was begun here earlier and is not `except`, if nobody is at work. The rest waits
/// for the next time.
void KeyKeeper::Sweep(KeyRecord& record, std::vector<KeyInfo>& keys, const std::string& except,
                      StopHandle& stop) {
  std::erase_if(record.made, [&](const auto& id) { return id != except && !AreAmong(keys, id); });
  std::vector<std::string> old = record.made;
  std::erase(old, except);
  if (old.empty()) return;
  const auto alone = tools_.gate.Enter(LockMode::kExclusive, stop, kAskOnce);
  if (!alone) return;
  for (const std::string& id : old) {
    if (!tools_.restic.RemoveKey(id, UsersKey(keys), stop)) continue;
    std::erase(record.made, id);
    std::erase_if(keys, [&](const KeyInfo& key) { return Names(key, id); });
  }
}

/// `record` says at any moment what may be in the repository.
Outcome<std::string> KeyKeeper::Make(KeyRecord& record, StopHandle& stop) {
  const std::string before = record.state == KeyState::kInUse ? record.id : std::string();
  auto keys = tools_.restic.Keys(stop);
  if (!keys) return tl::unexpected<Failure>(keys.error());
  Sweep(record, *keys, before, stop);
  if (auto failure = TooMany(*keys)) return tl::unexpected<Failure>(*std::move(failure));
  const auto password = DrawPassword();
  if (!password) return Refusal(password.error());
  if (tools_.learn) tools_.learn(*password);
  const auto file = Sealed(*password, stop);
  if (!file) return tl::unexpected<Failure>(file.error());
  record.made.push_back(file->id);
  if (const auto written = Write(record); !written) return Refusal(written.error());
  KeyRecord next{.state = KeyState::kInUse,
                 .repository = record.repository,
                 .url = UrlName(),
                 .id = file->id,
                 .password = *password,
                 .since = tools_.clock.Now(),
                 .made = record.made};
  keys->push_back({file->id, kUser, tools_.config.instance.str(), "", false});
  if (const auto added = Add(*file, next, stop); !added) {
    StopHandle own;  // what was begun must go, whoever wants to stop
    Sweep(record, *keys, before, own);
    return tl::unexpected<Failure>(added.error());
  }
  const std::vector<std::string> made = next.made;
  Sweep(next, *keys, next.id, stop);
  if (next.made != made) static_cast<void>(Write(next));  // the ids are looked for again next time
  record = std::move(next);
  return record.id;
}

/// Proven first, then kept, then used.
Outcome<void> KeyKeeper::Add(const KeyFile& file, const KeyRecord& next, StopHandle& stop) {
  MachineKey key{next.id, next.password, next.repository};
  if (auto done = PutAndProve(file, key, stop); !done) return done;
  if (const auto written = Write(next); !written) return Refusal(written.error());
  tools_.choice.Use(std::move(key));
  tools_.observer.OnEvent({Severity::kInfo, "repository", "",
                           fmt::format("added the machine key {}: restic starts without the work "
                                       "that a password needs",
                                       Short(next.id))});
  return {};
}

Outcome<std::vector<std::string>> KeyKeeper::Revoke(const std::string& repository,
                                                    StopHandle& stop) {
  const auto lock = tools_.store.TryLock();
  if (!lock) return Refusal(lock.error());
  if (*lock == nullptr) return Refusal(Cause::kLocked, "somebody else is making a machine key");
  const auto read = tools_.store.Read();
  KeyRecord record{.state = KeyState::kRevoked,
                   .repository = repository,
                   .url = UrlName(),
                   .since = tools_.clock.Now()};
  if (read && read->has_value() && (*read)->repository == repository) record.made = (*read)->made;
  tools_.choice.UsePassword();
  if (const auto written = Write(record); !written) return Refusal(written.error());
  const auto keys = tools_.restic.Keys(stop);
  if (!keys) return tl::unexpected<Failure>(keys.error());
  std::vector<std::string> doomed;
  for (const KeyInfo& key : *keys) {
    const bool made =
        std::ranges::any_of(record.made, [&](const auto& id) { return Names(key, id); });
    if (!key.current && (made || IsOurs(key))) doomed.push_back(key.id);
  }
  if (doomed.empty()) return doomed;
  const auto alone = tools_.gate.Enter(LockMode::kExclusive, stop, kPerson);
  if (!alone) return Refusal(alone.error());
  for (const std::string& id : doomed) {
    auto removed = tools_.restic.RemoveKey(id, UsersKey(*keys), stop);
    if (!removed) return tl::unexpected<Failure>(std::move(removed.error()));
    std::erase_if(record.made, [&](const std::string& each) { return each.starts_with(id); });
  }
  if (const auto written = Write(record); !written) return Refusal(written.error());
  return doomed;
}

}  // namespace runner
