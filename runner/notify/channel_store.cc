#include "runner/notify/channel_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/base/file_path.h"
#include "runner/base/posix_file_system.h"

namespace runner {
namespace {

constexpr std::uint32_t kFolderMode = 0700;
constexpr std::uint32_t kFileMode = 0600;
constexpr std::string_view kSuffix = ".json";

}  // namespace

ChannelStore::ChannelStore(FileSystem& files, const StateFolder& folder)
    : files_(files), folder_(JoinPath(folder.root(), "notify")) {}

std::string ChannelStore::FileOf(const std::string& channel) const {
  return JoinPath(folder_, channel + std::string(kSuffix));
}

targets::Result<std::unique_ptr<FileLock>> ChannelStore::TryLock() {
  if (const auto made = files_.CreateDirectories(folder_, kFolderMode); !made)
    return targets::Fail(made.error());
  return files_.TryLock(JoinPath(folder_, "lock"), LockMode::kExclusive);
}

targets::Result<ChannelState> ChannelStore::Read(const std::string& channel) const {
  const auto text = files_.Read(FileOf(channel), kSmallFileLimit);
  if (!text) return targets::Fail(text.error());
  if (!text->has_value()) return ChannelState{};
  auto state = ChannelStateFromJson(**text);
  if (state) return state;
  return targets::Fail(
      fmt::format("cannot understand {}: {}", FileOf(channel), state.error().message),
      "remove it: what is wrong now is then told again");
}

targets::Status ChannelStore::SetAside(const std::string& channel) {
  return files_.Rename(FileOf(channel), FileOf(channel) + ".damaged");
}

targets::Status ChannelStore::Write(const std::string& channel, const ChannelState& state) {
  return files_.WriteDurably(FileOf(channel), ChannelStateToJson(state), kFileMode);
}

void ChannelStore::Forget(const std::vector<std::string>& all_but) {
  constexpr std::size_t kMostFiles = 10'000;
  const auto names = files_.List(folder_, kMostFiles);
  if (!names) return;  // what stays there is never read
  for (const std::string& name : *names) {
    if (IsTemporaryName(name)) static_cast<void>(files_.Remove(JoinPath(folder_, name)));
    if (!name.ends_with(kSuffix)) continue;
    const std::string channel = name.substr(0, name.size() - kSuffix.size());
    const bool known = std::find(all_but.begin(), all_but.end(), channel) != all_but.end();
    if (!known) static_cast<void>(files_.Remove(JoinPath(folder_, name)));
  }
}

}  // namespace runner
