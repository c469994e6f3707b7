#include <fmt/format.h>

#include <charconv>
#include <set>

#include "targets/config/load.h"

namespace targets {
namespace {

struct SecretFile {
  std::string pointer;
  std::string path;
};

std::vector<SecretFile> SecretFiles(const Config& config) {
  std::vector<SecretFile> out;
  const auto add = [&](const std::optional<SecretSource>& secret, const char* pointer) {
    const auto* file = secret ? std::get_if<FileSecret>(&*secret) : nullptr;
    if (file != nullptr) out.push_back({pointer, file->path});
  };
  add(config.repository.password, "/repository/password_file");
  add(config.repository.b2.account_id, "/repository/b2/account_id_file");
  add(config.repository.b2.account_key, "/repository/b2/account_key_file");
  add(config.server.token, "/server/token_file");
  return out;
}

std::string Dotted(std::string_view pointer) {
  std::string out(pointer.substr(1));
  for (char& c : out) c = c == '/' ? '.' : c;
  return out;
}

/// "backup.yaml:23:5" into its three parts.
void SetPlace(const Origin& origin, Diagnostic& out) {
  const std::size_t last = origin.rfind(':');
  const std::size_t first = last == std::string::npos ? last : origin.rfind(':', last - 1);
  if (first == std::string::npos) return;
  out.file = origin.substr(0, first);
  std::from_chars(origin.data() + first + 1, origin.data() + last, out.line);
  std::from_chars(origin.data() + last + 1, origin.data() + origin.size(), out.column);
}

/// A warning at the value's origin, without its line: the text of the file is not at hand here.
Diagnostic Warn(const Config& config, const std::string& pointer, std::string message,
                std::string hint) {
  Diagnostic out;
  out.severity = DiagnosticSeverity::kWarning;
  out.path = Dotted(pointer);
  out.message = std::move(message);
  out.hint = std::move(hint);
  const auto found = config.origins.find(pointer);
  if (found == config.origins.end() || found->second == "default") return out;
  if (found->second.starts_with("env ")) {
    out.path = found->second;
  } else {
    SetPlace(found->second, out);
  }
  return out;
}

}  // namespace

std::vector<std::string> PathsToInspect(const Config& config) {
  std::set<std::string> paths;
  for (const Target& target : config.targets) {
    if (const auto* source = std::get_if<DirectorySource>(&target.source))
      paths.insert(source->path);
  }
  for (const SecretFile& file : SecretFiles(config)) paths.insert(file.path);
  return {paths.begin(), paths.end()};
}

std::vector<Diagnostic> LintWithFacts(const Config& config,
                                      const std::map<std::string, PathFacts>& facts) {
  std::vector<Diagnostic> out;
  for (const SecretFile& file : SecretFiles(config)) {
    const auto fact = facts.find(file.path);
    if (fact == facts.end()) continue;
    if (!fact->second.exists) {
      out.push_back(Warn(config, file.pointer,
                         fmt::format("the secret file {} does not exist", file.path),
                         "create it, or correct the path"));
    } else if (fact->second.readable_by_others) {
      out.push_back(Warn(config, file.pointer,
                         fmt::format("other users can read the secret file {}", file.path),
                         fmt::format("chmod 600 {}", file.path)));
    }
  }
  for (const Target& target : config.targets) {
    const auto* source = std::get_if<DirectorySource>(&target.source);
    if (source == nullptr || !target.restore.if_empty) continue;
    const auto fact = facts.find(source->path);
    if (fact == facts.end() || !fact->second.read_only) continue;
    out.push_back(
        Warn(config, "/targets/" + target.id.str() + "/restore_if_empty/enabled",
             fmt::format("the source {} is read-only, so it cannot be restored", source->path),
             "mount it writable, or write restore_if_empty: false"));
  }
  return out;
}

}  // namespace targets
