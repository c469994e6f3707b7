#include "runner/repository/child_ledger.h"

#include <fmt/format.h>

#include <charconv>

#include "targets/base/text.h"

namespace runner {
namespace {

constexpr targets::Duration kKeepDeadEntries{24 * 3600};
constexpr targets::Duration kClockSlack{5};
constexpr targets::Duration kLocksGetStale{45 * 60};
constexpr targets::Duration kRefreshed{6 * 60};
constexpr std::size_t kMostEntries = 4096;
constexpr std::size_t kProcFileLimit = 4096;

/// The process id that a file of the folder is about, "" if none: "12", and ".12.tmp-7-1" of a
/// runner that was killed before it could rename it.
std::string PidOf(std::string_view name) {
  if (name.starts_with('.')) name = name.substr(1, name.find(".tmp-") - 1);
  const bool digits = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  return digits ? std::string(name) : std::string();
}

/// False: killed, or interrupted, which restic before 0.17 does not always survive without leaving
/// its lock.
bool RemovedItsLock(const ProcessResult& result) {
  constexpr int kInterruptedCode = 130;
  const auto* exited = std::get_if<Exited>(&result.status);
  return exited == nullptr ? std::holds_alternative<NotStarted>(result.status)
                           : exited->code >= 0 && exited->code != kInterruptedCode;
}

/// The process of one entry; the entry goes when it ended in an orderly way.
class LedgerProcess final : public Process {
 public:
  LedgerProcess(std::unique_ptr<Process> inner, ChildLedger& ledger)
      : inner_(std::move(inner)), ledger_(ledger) {
    if (inner_->Pid() > 0) ledger_.Started(inner_->Pid());
  }
  ProcessResult Wait() override {
    ProcessResult result = inner_->Wait();
    if (inner_->Pid() <= 0 || !RemovedItsLock(result)) return result;
    ledger_.EndedWell(inner_->Pid());
    ledger_.Ended(inner_->Pid());
    return result;
  }
  void RequestStop(StopCause cause) override { inner_->RequestStop(cause); }
  [[nodiscard]] pid_t Pid() const override { return inner_->Pid(); }

 private:
  std::unique_ptr<Process> inner_;
  ChildLedger& ledger_;
};

/// Lends a process that a StreamPair owns.
class Borrowed final : public Process {
 public:
  explicit Borrowed(Process& inner) : inner_(inner) {}
  ProcessResult Wait() override { return inner_.Wait(); }
  void RequestStop(StopCause cause) override { inner_.RequestStop(cause); }
  [[nodiscard]] pid_t Pid() const override { return inner_.Pid(); }

 private:
  Process& inner_;
};

class LedgerStream final : public StreamPair {
 public:
  LedgerStream(std::unique_ptr<StreamPair> inner, ChildLedger& ledger)
      : inner_(std::move(inner)),
        consumer_(std::make_unique<Borrowed>(inner_->Consumer()), ledger) {}
  Process& Producer() override { return inner_->Producer(); }
  Process& Consumer() override { return consumer_; }
  void CloseWriteEnd() override { inner_->CloseWriteEnd(); }

 private:
  std::unique_ptr<StreamPair> inner_;
  LedgerProcess consumer_;
};

/// "12345" from "start: 12345\n..." for the key "start".
std::string ValueOf(std::string_view text, std::string_view key) {
  for (const std::string_view line : targets::Split(text, '\n')) {
    if (line.starts_with(key) && line.substr(key.size()).starts_with(": ")) {
      return std::string(line.substr(key.size() + 2));
    }
  }
  return {};
}

}  // namespace

ChildLedger::ChildLedger(FileSystem& files, const Clock& clock, std::string folder,
                         std::string proc)
    : files_(files), clock_(clock), folder_(std::move(folder)), proc_(std::move(proc)) {}

std::string ChildLedger::Birth(const std::string& pid) const {
  const auto stat = files_.Read(proc_ + "/" + pid + "/stat", kProcFileLimit);
  if (!stat || !stat->has_value()) return {};
  // The name, field 2, is in parentheses and may hold anything; the start tick is field 22.
  const std::size_t name_end = (*stat)->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= (*stat)->size()) return {};
  const std::vector<std::string_view> fields =
      targets::Split(std::string_view(**stat).substr(name_end + 2), ' ');
  constexpr std::size_t kState = 0;
  constexpr std::size_t kStartTick = 19;
  if (fields.size() <= kStartTick || fields[kState] == "Z" || fields[kState] == "X") return {};
  const auto boot = files_.Read(proc_ + "/sys/kernel/random/boot_id", kProcFileLimit);
  const std::string boot_id =
      boot && boot->has_value() ? std::string(targets::TrimSpace(**boot)) : "";
  return fmt::format("{}/{}", boot_id, fields[kStartTick]);
}

void ChildLedger::Started(pid_t pid) {
  const std::string name = std::to_string(pid);
  const std::string text =
      fmt::format("started: {}\nbirth: {}\n", targets::ToUnixSeconds(clock_.Now()), Birth(name));
  // The ledger only helps to clean up faster: without an entry a dead lock is waited out instead.
  static_cast<void>(files_.WriteDurably(folder_ + "/" + name, text, 0600));
}

void ChildLedger::EndedWell(pid_t pid) {
  const auto entry = Find(std::to_string(pid));
  if (!entry) return;
  const targets::UnixTime now = clock_.Now();
  const std::lock_guard lock(mutex_);
  std::erase_if(ended_well_,
                [&](const auto& one) { return now - one.second.ended > kLocksGetStale; });
  ended_well_[pid] = {entry->started, now};
}

bool ChildLedger::EndedWellSince(pid_t pid, targets::UnixTime locked_at) const {
  const std::lock_guard lock(mutex_);
  const auto found = ended_well_.find(pid);
  return found != ended_well_.end() && found->second.started <= locked_at + kClockSlack &&
         locked_at <= found->second.ended && clock_.Now() - locked_at > kRefreshed && !Alive(pid);
}

bool ChildLedger::WasOurs(pid_t pid, targets::UnixTime locked_at) const {
  return DiedInDisorder(pid, locked_at) || EndedWellSince(pid, locked_at);
}

void ChildLedger::Ended(pid_t pid) {
  for (const std::string& name : NamesOf(std::to_string(pid))) {
    static_cast<void>(files_.Remove(folder_ + "/" + name));
  }
}

std::vector<std::string> ChildLedger::NamesOf(const std::string& pid) const {
  auto names = files_.List(folder_, kMostEntries);
  if (!names) return {pid};
  std::erase_if(*names, [&](const std::string& name) { return PidOf(name) != pid; });
  return *std::move(names);
}

std::optional<ChildLedger::Entry> ChildLedger::Find(const std::string& pid) const {
  std::optional<Entry> newest;
  for (const std::string& name : NamesOf(pid)) {
    const auto entry = Read(name);
    if (entry && (!newest || entry->started >= newest->started)) newest = entry;
  }
  return newest;
}

std::optional<ChildLedger::Entry> ChildLedger::Read(const std::string& name) const {
  const auto text = files_.Read(folder_ + "/" + name, kProcFileLimit);
  if (!text || !text->has_value()) return std::nullopt;
  const std::string started = ValueOf(**text, "started");
  long long seconds = 0;
  const auto [end, error] =
      std::from_chars(started.data(), started.data() + started.size(), seconds);
  if (error != std::errc{} || end != started.data() + started.size()) return std::nullopt;
  return Entry{targets::FromUnixSeconds(seconds), ValueOf(**text, "birth")};
}

bool ChildLedger::DiedInDisorder(pid_t pid, targets::UnixTime locked_at) const {
  const std::string name = std::to_string(pid);
  const auto entry = Find(name);
  if (!entry || entry->started > locked_at + kClockSlack) return false;
  // Without its birth the child cannot be told from others; a /proc that is silent proves nothing.
  const bool readable = files_.Read(proc_ + "/" + name + "/stat", kProcFileLimit).has_value();
  return readable && !entry->birth.empty() && Birth(name) != entry->birth;
}

bool ChildLedger::Alive(pid_t pid) const { return !Birth(std::to_string(pid)).empty(); }

std::string ChildLedger::NameOf(pid_t pid) const {
  const auto comm = files_.Read(fmt::format("{}/{}/comm", proc_, pid), kProcFileLimit);
  return comm && comm->has_value() ? std::string(targets::TrimSpace(**comm)) : std::string();
}

std::vector<pid_t> ChildLedger::Dead() const {
  std::vector<pid_t> dead;
  const auto names = files_.List(folder_, kMostEntries);
  if (!names) return dead;
  for (const std::string& name : *names) {
    const std::string text = PidOf(name);
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc{} || end != text.data() + text.size()) continue;
    if (DiedInDisorder(pid, clock_.Now())) dead.push_back(pid);
  }
  return dead;
}

void ChildLedger::Sweep() {
  const auto names = files_.List(folder_, kMostEntries);
  if (!names) return;
  for (const std::string& name : *names) {
    const auto entry = PidOf(name).empty() ? std::nullopt : Read(name);
    if (entry &&
        (Birth(PidOf(name)) == entry->birth || clock_.Now() - entry->started < kKeepDeadEntries))
      continue;
    static_cast<void>(files_.Remove(folder_ + "/" + name));
  }
}

std::unique_ptr<Process> LedgerProcessRunner::Launch(ProcessSpec spec) {
  return std::make_unique<LedgerProcess>(inner_.Launch(std::move(spec)), ledger_);
}

std::unique_ptr<StreamPair> LedgerProcessRunner::LaunchStream(ProcessSpec producer,
                                                              ProcessSpec consumer) {
  return std::make_unique<LedgerStream>(
      inner_.LaunchStream(std::move(producer), std::move(consumer)), ledger_);
}

}  // namespace runner
