#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "targets/config/load.h"

namespace targets {

/// The four keys that every file needs, but for the targets.
inline const std::string kHead =
    "version: 1\ninstance: server1\nrepository: {url: /repo, password_file: /run/secret}\n";

inline LoadOutcome Load(const std::string& yaml,
                        std::map<std::string, std::string> environment = {}) {
  LoadInput input;
  input.file_name = "backup.yaml";
  input.yaml = yaml;
  input.environment = std::move(environment);
  return LoadConfig(input);
}

inline LoadOutcome LoadEnvironment(std::map<std::string, std::string> environment) {
  LoadInput input;
  input.file_name = "backup.yaml";
  input.environment = std::move(environment);
  return LoadConfig(input);
}

inline std::string Messages(const LoadOutcome& outcome) {
  std::string out;
  for (const Diagnostic& diagnostic : outcome.diagnostics) out += RenderDiagnostic(diagnostic);
  return out;
}

/// The configuration of a text that must be right.
inline Config Good(const std::string& yaml, std::map<std::string, std::string> environment = {}) {
  LoadOutcome outcome = Load(yaml, std::move(environment));
  EXPECT_FALSE(outcome.HasErrors()) << Messages(outcome);
  return outcome.config.value_or(Config{});
}

/// One target with `fields` as its flow mapping.
inline Target GoodTarget(const std::string& fields) {
  Config config = Good(kHead + "targets:\n  t: {" + fields + "}\n");
  EXPECT_EQ(config.targets.size(), 1U);
  return config.targets.empty() ? Target{} : config.targets.front();
}

}  // namespace targets
