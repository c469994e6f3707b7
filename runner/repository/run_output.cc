#include "runner/repository/run_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <span>
#include <string_view>

#include "runner/restic/evidence.h"
#include "targets/base/text.h"

namespace runner {
namespace {

/// Those that print for people on standard output, and those that print for programs.
constexpr std::array<std::string_view, 4> kForPeople = {"check", "forget", "prune", "tag"};
constexpr std::array<std::string_view, 10> kForPrograms = {
    "backup", "cat", "diff", "init", "list", "ls", "restore", "snapshots", "stats", "unlock"};

bool Contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string HowItEnded(const ProcessResult& result) {
  if (const auto* failed = std::get_if<NotStarted>(&result.status))
    return "not started: " + failed->reason;
  if (const auto* ended = std::get_if<Signalled>(&result.status))
    return fmt::format("ended by signal {}", ended->signal);
  return fmt::format("exit code {}", std::get<Exited>(result.status).code);
}

/// Without the sequences that clear a line or colour it: ESC [ digits letter.
std::string WithoutEscapes(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      text += line[i];
      continue;
    }
    if (i + 1 < line.size() && line[i + 1] == '[') ++i;
    while (i + 1 < line.size() &&
           (std::isdigit(static_cast<unsigned char>(line[i + 1])) != 0 || line[i + 1] == ';'))
      ++i;
    if (i + 1 < line.size()) ++i;
  }
  return text;
}

/// The lines of the end of a stream; the first of a cut one may be half a line, and half a secret.
std::vector<std::string_view> WholeLines(std::string_view text, std::size_t limit) {
  if (text.size() >= limit) text.remove_prefix(std::min(text.find('\n'), text.size()));
  std::vector<std::string_view> lines;
  for (const std::string_view line : targets::Split(text, '\n')) {
    if (!targets::TrimSpace(line).empty()) lines.push_back(line);
  }
  return lines;
}

void KeepLast(std::vector<std::string>& lines) {
  if (lines.size() <= RunOutput::kMostLines) return;
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(RunOutput::kMostLines));
}

}  // namespace

OutputTeller OutputTeller::OfCommand(const ProcessSpec& spec) {
  OutputTeller teller({});
  teller.of_restic_ = false;
  teller.stderr_limit_ = spec.stderr_tail;
  const std::string program = spec.argv.empty() ? std::string() : spec.argv.front();
  teller.name_ = "command " + program.substr(program.rfind('/') + 1);
  return teller;
}

OutputTeller::OutputTeller(const ProcessSpec& spec)
    : name_("restic"), stdout_limit_(spec.stdout_tail), stderr_limit_(spec.stderr_tail) {
  for (const std::string& word : spec.argv) {
    speaks_to_people_ = Contains(kForPeople, word);
    if (!speaks_to_people_ && !Contains(kForPrograms, word)) continue;
    name_ += " " + word;
    return;
  }
}

std::vector<std::string> OutputTeller::LinesOf(const ProcessResult& result) const {
  std::vector<std::string> lines;
  if (speaks_to_people_) {
    for (const std::string_view line : WholeLines(result.stdout_tail, stdout_limit_))
      lines.push_back(WithoutEscapes(line));
  }
  for (const std::string_view line : WholeLines(result.stderr_tail, stderr_limit_)) {
    if (!line.starts_with('{')) {
      lines.push_back(WithoutEscapes(line));
      continue;
    }
    for (std::string& spoken : SpokenLines(line)) lines.push_back(std::move(spoken));
  }
  return lines;
}

void OutputTeller::Add(const ProcessResult& result, RunOutput& output) const {
  ++output.programs;
  output.cpu += result.resources.cpu;
  output.peak_memory = std::max(output.peak_memory, result.resources.peak_memory);
  std::vector<std::string> lines = LinesOf(result);
  if (lines.empty() && result.Succeeded()) return;
  output.tail.push_back(name_ + ": " + HowItEnded(result));
  std::ranges::move(lines, std::back_inserter(output.tail));
  KeepLast(output.tail);
}

void Append(RunOutput& output, const RunOutput& more) {
  output.programs += more.programs;
  output.cpu += more.cpu;
  output.peak_memory = std::max(output.peak_memory, more.peak_memory);
  output.tail.insert(output.tail.end(), more.tail.begin(), more.tail.end());
  KeepLast(output.tail);
}

}  // namespace runner
