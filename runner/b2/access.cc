#include "runner/b2/access.h"

#include "runner/restic/environment.h"

namespace runner {

std::optional<B2Key> B2KeyOf(const targets::Config& config, const targets::B2Address& address,
                             const ResolvedSecrets& secrets,
                             const std::map<std::string, std::string>& environment) {
  const auto given = ResticEnvironment(config, secrets);
  const auto find = [&](const std::string& name) -> std::string {
    for (const auto* variables : {&given, &environment}) {
      const auto found = variables->find(name);
      if (found != variables->end() && !found->second.empty()) return found->second;
    }
    return {};
  };
  const bool s3 = address.interface == targets::B2Interface::kS3;
  std::string id = find(s3 ? "AWS_ACCESS_KEY_ID" : "B2_ACCOUNT_ID");
  std::string key = find(s3 ? "AWS_SECRET_ACCESS_KEY" : "B2_ACCOUNT_KEY");
  if (id.empty() || key.empty()) return std::nullopt;
  return B2Key{std::move(id), targets::Secret(std::move(key))};
}

std::map<std::string, std::string> NetworkEnvironment(
    const targets::Config& config, std::map<std::string, std::string> environment) {
  for (const auto& [name, value] : config.repository.environment) environment[name] = value;
  const auto certificates = environment.find("RESTIC_CACERT");
  if (certificates != environment.end() && !certificates->second.empty())
    environment["SSL_CERT_FILE"] = certificates->second;
  return environment;
}

}  // namespace runner
