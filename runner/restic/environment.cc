#include "runner/restic/environment.h"

#include "runner/restic/restic.h"
#include "targets/restic/command_lines.h"

namespace runner {

std::string CacheFolder(const targets::Config& config) {
  return config.cache_dir.empty() ? config.state_dir + "/cache" : config.cache_dir;
}

std::map<std::string, std::string> ResticEnvironment(const targets::Config& config,
                                                     const ResolvedSecrets& secrets) {
  const targets::Repository& repository = config.repository;
  std::map<std::string, std::string> environment = {
      {"RESTIC_CACHE_DIR", CacheFolder(config)},
      {"RESTIC_PROGRESS_FPS", "1"},
  };
  for (const auto& [name, value] : repository.environment) environment[name] = value;
  environment["RESTIC_REPOSITORY"] = repository.url;
  environment["RESTIC_PASSWORD"] = secrets.password.Expose();
  environment["TZ"] = config.timezone;
  if (!config.temp_dir.empty()) environment["TMPDIR"] = config.temp_dir;
  // Backblaze's S3 endpoint takes the same key under another name.
  const bool s3 = !targets::BackblazeRegion(repository.url).empty();
  if (secrets.b2_account_id) {
    environment.emplace(s3 ? "AWS_ACCESS_KEY_ID" : "B2_ACCOUNT_ID",
                        secrets.b2_account_id->Expose());
  }
  if (secrets.b2_account_key) {
    environment.emplace(s3 ? "AWS_SECRET_ACCESS_KEY" : "B2_ACCOUNT_KEY",
                        secrets.b2_account_key->Expose());
  }
  return environment;
}

std::vector<std::string> UnsetForRestic() {
  return {"RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND", "RESTIC_REPOSITORY_FILE",
          "RESTIC_FROM_*",        "RESTIC_KEY_HINT",         "RESTIC_HOST"};
}

std::vector<std::string> UnsetForUserCommands(const targets::Config& config) {
  std::vector<std::string> names = {
      "RESTIC_PASSWORD*",    // and _FILE, _COMMAND
      "RESTIC_REPOSITORY*",  // its url may hold a password
      "RESTIC_FROM_*",
      "RESTIC_REST_PASSWORD",
      "B2_ACCOUNT_*",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AZURE_ACCOUNT_KEY",
      "AZURE_ACCOUNT_SAS",
      "RCLONE_CONFIG_PASS",
      "OS_PASSWORD",
      "OS_APPLICATION_CREDENTIAL_SECRET",
      "ST_KEY",
  };
  for (const auto& [name, value] : config.repository.environment) names.push_back(name);
  return names;
}

}  // namespace runner
