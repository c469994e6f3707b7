#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/process/process_runner.h"
#include "targets/base/result.h"

namespace runner {

/// argv[1] of the program's hidden mode in which a fresh child prepares itself and becomes the
/// command.
inline constexpr std::string_view kExecModeName = "exec-child";

/// What the hidden mode needs to know beside the specification of the process.
struct ExecRequest {
  std::string nonce;             // a word that the command cannot know
  pid_t parent = 0;              // the runner; a child that finds another parent ends at once
  bool keep_stdin = false;       // false: standard input becomes /dev/null
  unsigned long open_files = 0;  // soft limit to set again; 0: leave it
};

/// The arguments of the hidden mode, "exec-child" first; ends with "--" and the command.
std::vector<std::string> ExecArguments(const ProcessSpec& spec, const ExecRequest& request);

/// The hidden mode itself: in a fresh child it resets the signal mask and every handler, makes a
/// process group, applies limits, ids, umask, nice and working folder, asks for a signal when the
/// runner dies, removes variables, closes stray descriptors, says ExecReadyLine() on standard error
/// and becomes the command. Ends the process if anything fails, with the line `runner-exec-failure
/// <nonce> <errno> <step>` on standard error. REQUIRES: argv[1] is kExecModeName; one thread;
/// called before anything else in main.
int ExecMain(int argc, char** argv);

/// The very first bytes on standard error of a child that is about to become its command; newline
/// included. A child that ends without them never came so far, whatever its exit code says.
std::string ExecReadyLine(std::string_view nonce);

/// The reason for people, if `line` is a failure line with this nonce; empty otherwise.
std::string ExecFailureReason(std::string_view line, std::string_view nonce,
                              const targets::Argv& argv);

/// True if one of the patterns of ProcessSpec::unset means this variable: its name, or "PREFIX*".
bool MatchesAny(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace runner
