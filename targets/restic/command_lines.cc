#include "targets/restic/command_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "targets/restic/capabilities.h"

namespace targets {
namespace {

Bytes KibibytesPerSecond(Bytes bytes_per_second) {
  return std::max<Bytes>(1, bytes_per_second / 1024);
}

/// The name under which restic knows options of this storage: `-o <name>.connections=5`.
std::string BackendName(const std::string& url) {
  switch (BackendOf(url)) {
    case Backend::kLocal:
      return "local";
    case Backend::kB2:
      return "b2";
    case Backend::kS3:
      return "s3";
    case Backend::kRest:
      return "rest";
    case Backend::kSftp:
      return "sftp";
    case Backend::kRclone:
      return "rclone";
    case Backend::kOther:
      break;
  }
  const std::string scheme = url.substr(0, url.find(':'));
  return scheme == "swift-temp" ? "swift" : scheme;
}

/// A place in which there can be no data of a user: nothing is ever restored anywhere else.
bool IsRestoreFolder(std::string_view path) {
  if (!path.starts_with('/') || fmt::format("{}/", path).find("/../") != std::string::npos)
    return false;
  return std::ranges::any_of(std::array{kStagingName, kDrillFolderName}, [&](auto name) {
    return path.find(fmt::format("/{}/", name)) != std::string_view::npos;
  });
}

std::string StagingPattern(const std::string& source) {
  return fmt::format("{}/{}*", source == "/" ? "" : EscapePattern(source), kStagingPrefix);
}

bool AreFullIds(std::span<const SnapshotId> ids) {
  return !ids.empty() &&
         std::ranges::all_of(ids, [](const SnapshotId& id) { return IsFullId(id.str()); });
}

bool IsKeyId(const std::string& id) {
  constexpr std::size_t kShortest = 8;
  return id.size() >= kShortest && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void Append(Argv& argv, const Argv& more) { argv.insert(argv.end(), more.begin(), more.end()); }

void AppendIds(Argv& argv, std::span<const SnapshotId> ids) {
  for (const SnapshotId& id : ids) argv.push_back(id.str());
}

void AppendDirectory(Argv& argv, const Target& target, const std::string& path) {
  for (const std::string& pattern : target.exclude) argv.push_back("--exclude=" + pattern);
  argv.push_back("--exclude=" + StagingPattern(path));
  for (const std::string& name : target.exclude_if_present)
    argv.push_back("--exclude-if-present=" + name);
  if (target.exclude_larger_than)
    argv.push_back(fmt::format("--exclude-larger-than={}", *target.exclude_larger_than));
  if (target.one_file_system) argv.emplace_back("--one-file-system");
  Append(argv, {"--", path});
}

}  // namespace

std::string EscapePattern(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string BackblazeRegion(std::string_view url) {
  if (!url.starts_with("s3:")) return {};
  url.remove_prefix(3);
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  }
  std::string_view host = url.substr(0, url.find('/'));
  host = host.substr(0, host.find(':'));
  constexpr std::string_view kPrefix = "s3.";
  constexpr std::string_view kSuffix = ".backblazeb2.com";
  if (!host.starts_with(kPrefix) || !host.ends_with(kSuffix) ||
      host.size() <= kPrefix.size() + kSuffix.size())
    return {};
  host.remove_prefix(kPrefix.size());
  host.remove_suffix(kSuffix.size());
  return std::string(host);
}

bool IsBackblaze(const std::string& url) {
  return BackendOf(url) == Backend::kB2 || !BackblazeRegion(url).empty();
}

bool IsFullId(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

CommandLines::CommandLines(const Config& config, ResticVersion version, std::string program)
    : config_(config), version_(version), program_(std::move(program)) {}

Argv CommandLines::Base() const {
  const Repository& repository = config_.repository;
  Argv argv = {program_};
  if (repository.limits.upload) {
    Append(argv, {"--limit-upload", fmt::to_string(KibibytesPerSecond(*repository.limits.upload))});
  }
  if (repository.limits.download) {
    Append(argv,
           {"--limit-download", fmt::to_string(KibibytesPerSecond(*repository.limits.download))});
  }
  if (repository.limits.connections) {
    Append(argv, {"-o", fmt::format("{}.connections={}", BackendName(repository.url),
                                    *repository.limits.connections)});
  }
  if (const std::string region = BackblazeRegion(repository.url); !region.empty()) {
    // Each spares restic a question to the server, which Backblaze would bill, on every command.
    if (!Has(version_, Feature::kNoLayoutProbe)) Append(argv, {"-o", "s3.layout=default"});
    Append(argv, {"-o", "s3.region=" + region});
  }
  return argv;
}

Argv CommandLines::LockingBase() const {
  Argv argv = Base();
  const Duration patience = config_.repository.retry_lock;
  if (patience > Duration::zero() && Has(version_, Feature::kRetryLock)) {
    Append(argv, {"--retry-lock", fmt::format("{}s", patience.count())});
  }
  return argv;
}

Argv CommandLines::Version() const { return {program_, "version"}; }

Argv CommandLines::CatConfig() const {
  Argv argv = Base();
  Append(argv, {"cat", "config", "--no-lock"});
  return argv;
}

Argv CommandLines::Init() const {
  Argv argv = Base();
  Append(argv, {"init", "--json"});
  return argv;
}

Argv CommandLines::Backup(const Target& target) const {
  Argv argv = LockingBase();
  Append(argv,
         {"backup", "--json", "--host", config_.instance.str(), "--tag", IdentityTag(target.id)});
  for (const std::string& tag : target.tags) Append(argv, {"--tag", tag});
  if (const auto* directory = std::get_if<DirectorySource>(&target.source)) {
    AppendDirectory(argv, target, directory->path);
  } else {
    Append(argv, {"--stdin", "--stdin-filename", std::get<CommandSource>(target.source).filename});
  }
  return argv;
}

Argv CommandLines::Snapshots(std::optional<TargetId> target) const {
  Argv argv = Base();
  Append(argv, {"snapshots", "--no-lock", "--json", "--host", config_.instance.str()});
  if (target) Append(argv, {"--tag", IdentityTag(*target)});
  return argv;
}

Argv CommandLines::SnapshotsOfAnyHost(const TargetId& target) const {
  Argv argv = AllSnapshots();
  Append(argv, {"--tag", IdentityTag(target)});
  return argv;
}

Argv CommandLines::SnapshotsWithoutTrace() const {
  Argv argv = Snapshots(std::nullopt);
  argv.emplace_back("--no-cache");
  return argv;
}

Argv CommandLines::AllSnapshots() const {
  Argv argv = Base();
  Append(argv, {"snapshots", "--no-lock", "--json"});
  return argv;
}

Argv CommandLines::Ls(const SnapshotId& id) const {
  if (!IsFullId(id.str())) return {};
  Argv argv = Base();
  Append(argv, {"ls", "--no-lock", "--json", id.str()});
  return argv;
}

Argv CommandLines::Restore(const RestoreRequest& request) const {
  if (!IsFullId(request.snapshot.str()) || !IsRestoreFolder(request.target)) return {};
  Argv argv = Base();
  Append(argv, {"restore", "--no-lock"});
  if (Has(version_, Feature::kJsonRestore)) argv.emplace_back("--json");
  if (request.no_cache) argv.emplace_back("--no-cache");
  if (request.verify) argv.emplace_back("--verify");
  for (const std::string& pattern : request.include) argv.push_back("--include=" + pattern);
  Append(argv, {"--target", request.target, request.snapshot.str()});
  return argv;
}

Argv CommandLines::Diff(const SnapshotId& from, const SnapshotId& to) const {
  if (!IsFullId(from.str()) || !IsFullId(to.str())) return {};
  Argv argv = Base();
  Append(argv, {"diff", "--no-lock", "--json", from.str(), to.str()});
  return argv;
}

Argv CommandLines::Stats() const {
  Argv argv = Base();
  Append(argv, {"stats", "--no-lock", "--json", "--mode", "raw-data"});
  return argv;
}

Argv CommandLines::Forget(std::span<const SnapshotId> ids) const {
  if (!AreFullIds(ids)) return {};
  Argv argv = LockingBase();
  Append(argv, {"forget", "--json"});
  AppendIds(argv, ids);
  return argv;
}

Argv CommandLines::AddTag(std::span<const SnapshotId> ids, const std::string& tag) const {
  return ChangeTag("--add", ids, tag);
}

Argv CommandLines::RemoveTag(std::span<const SnapshotId> ids, const std::string& tag) const {
  return ChangeTag("--remove", ids, tag);
}

Argv CommandLines::ChangeTag(const std::string& option, std::span<const SnapshotId> ids,
                             const std::string& tag) const {
  if (!AreFullIds(ids) || tag.empty()) return {};
  Argv argv = LockingBase();
  Append(argv, {"tag", "--json", option, tag});
  AppendIds(argv, ids);
  return argv;
}

Argv CommandLines::Prune(const PruneJob& job) const {
  Argv argv = LockingBase();
  Append(argv, {"prune", "--cleanup-cache"});
  if (!job.max_unused.empty()) Append(argv, {"--max-unused", job.max_unused});
  if (job.max_repack_size)
    Append(argv, {"--max-repack-size", fmt::to_string(*job.max_repack_size)});
  return argv;
}

Argv CommandLines::Check(const CheckJob& job, int part) const {
  Argv argv = LockingBase();
  argv.emplace_back("check");
  if (job.read_data_parts > 0) {
    const int number = std::clamp(part, 1, job.read_data_parts);
    Append(argv, {"--read-data-subset", fmt::format("{}/{}", number, job.read_data_parts)});
  }
  return argv;
}

Argv CommandLines::ListLocks() const {
  Argv argv = Base();
  Append(argv, {"list", "locks", "--no-lock"});
  return argv;
}

Argv CommandLines::CatLock(const std::string& lock_id) const {
  if (!IsFullId(lock_id)) return {};
  Argv argv = Base();
  Append(argv, {"cat", "lock", lock_id, "--no-lock"});
  return argv;
}

Argv CommandLines::Unlock() const {
  Argv argv = Base();
  argv.emplace_back("unlock");
  return argv;
}

Argv CommandLines::ListKeys() const {
  Argv argv = Base();
  Append(argv, {"key", "list", "--json", "--no-lock"});
  return argv;
}

Argv CommandLines::CatMasterKey() const {
  Argv argv = Base();
  Append(argv, {"cat", "masterkey", "--no-lock"});
  return argv;
}

Argv CommandLines::RemoveKey(const std::string& key_id, const std::string& hint) const {
  if (!IsKeyId(key_id) || !IsKeyId(hint)) return {};
  if (key_id.starts_with(hint) || hint.starts_with(key_id)) return {};
  Argv argv = Base();
  Append(argv, {"--key-hint", hint, "key", "remove", key_id});
  return argv;
}

Argv CommandLines::PassThrough(const Argv& arguments) const {
  Argv argv = LockingBase();
  Append(argv, arguments);
  return argv;
}

}  // namespace targets
