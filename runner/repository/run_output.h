#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "runner/process/process_runner.h"
#include "targets/base/size.h"

namespace runner {

/// What the programs of one run printed, for people, and what they used.
struct RunOutput {
  static constexpr std::size_t kMostLines = 200;

  int programs = 0;
  std::vector<std::string> tail = {};  // the last kMostLines; may hold secrets
  std::chrono::milliseconds cpu{};     // of all
  targets::Bytes peak_memory = 0;      // of the largest

  bool operator==(const RunOutput&) const = default;
};

/// What must be known of a program before it runs to tell of its output afterwards.
class OutputTeller {
 public:
  /// Of restic.
  explicit OutputTeller(const ProcessSpec& spec);
  /// Of a user's command whose output is stored: what it says is on standard error.
  static OutputTeller OfCommand(const ProcessSpec& spec);
  [[nodiscard]] bool OfRestic() const { return of_restic_; }

  /// A program that said nothing and succeeded adds no line. Otherwise the first is how it ended
  /// ("restic backup: exit code 3"). JSON becomes text; JSON on standard output is left out, and
  /// so is what only moves a terminal's cursor.
  void Add(const ProcessResult& result, RunOutput& output) const;

 private:
  [[nodiscard]] std::vector<std::string> LinesOf(const ProcessResult& result) const;

  std::string name_;  // "restic backup"
  bool of_restic_ = true;
  bool speaks_to_people_ = false;
  std::size_t stdout_limit_;
  std::size_t stderr_limit_;
};

/// The second follows the first.
void Append(RunOutput& output, const RunOutput& more);

}  // namespace runner
