#include "runner/restic/key_choice.h"

namespace runner {

std::optional<MachineKey> KeyChoice::Current() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

void KeyChoice::Use(MachineKey key) {
  const std::lock_guard lock(mutex_);
  key_ = std::move(key);
}

void KeyChoice::UsePassword() {
  const std::lock_guard lock(mutex_);
  key_.reset();
}

void KeyChoice::Refuse(const MachineKey& key) {
  {
    const std::lock_guard lock(mutex_);
    if (key_ != key) return;
    key_.reset();
  }
  if (refused_) refused_(key);
}

ProcessSpec KeyChoice::With(const MachineKey& key, ProcessSpec spec) const {
  const auto password = spec.environment.find("RESTIC_PASSWORD");
  if (password != spec.environment.end()) {
    const targets::Secret users(password->second);
    for (const std::string& name : VariablesWith(spec.environment, users))
      spec.environment.erase(name);
  }
  // restic would prefer each of them.
  spec.environment.erase("RESTIC_PASSWORD_FILE");
  spec.environment.erase("RESTIC_PASSWORD_COMMAND");
  spec.environment["RESTIC_PASSWORD"] = key.password.Expose();
  spec.environment["RESTIC_KEY_HINT"] = key.id;
  for (const std::string& name : hidden_) {
    if (!spec.environment.contains(name)) spec.unset.push_back(name);
  }
  return spec;
}

std::vector<std::string> VariablesWith(const std::map<std::string, std::string>& environment,
                                       const targets::Secret& password) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment) {
    if (!password.Empty() && value == password.Expose()) names.push_back(name);
  }
  return names;
}

}  // namespace runner
