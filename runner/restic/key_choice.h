#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runner/process/process_runner.h"
#include "targets/base/secret.h"

namespace runner {

/// A key of the runner's own in the repository (docs/decisions/0060).
struct MachineKey {
  std::string id;  // 64 hexadecimal digits
  targets::Secret password;
  std::string repository = {};  // the id of the only one that it opens

  bool operator==(const MachineKey&) const = default;
};

/// With which key the children of restic open the repository: the machine key, if there is one and
/// it works, else the user's password. Thread-safe.
class KeyChoice {
 public:
  /// Told once for each key, by the thread that found out.
  using Refused = std::function<void(const MachineKey&)>;

  /// nullopt: the user's password.
  [[nodiscard]] std::optional<MachineKey> Current() const;
  void Use(MachineKey key);
  void UsePassword();
  /// The repository took the user's password, but not `key`: nobody uses it any more.
  void Refuse(const MachineKey& key);
  /// REQUIRES: no child runs yet.
  void OnRefused(Refused refused) { refused_ = std::move(refused); }
  /// Variables of this process that hold the user's password under whatever name: a child that does
  /// not need it does not get it. REQUIRES: no child runs yet.
  void Hide(std::vector<std::string> variables) { hidden_ = std::move(variables); }

  /// The same child with `key` alone.
  [[nodiscard]] ProcessSpec With(const MachineKey& key, ProcessSpec spec) const;

 private:
  mutable std::mutex mutex_;
  std::optional<MachineKey> key_;
  Refused refused_;
  std::vector<std::string> hidden_;
};

/// The names of all variables with the value `password`.
std::vector<std::string> VariablesWith(const std::map<std::string, std::string>& environment,
                                       const targets::Secret& password);

}  // namespace runner
