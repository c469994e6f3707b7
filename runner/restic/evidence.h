#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// The lines of restic's standard error that may be used as evidence of a cause, without the words
/// around them. Lines that name a user's files (unreadable files, `ignoring error for ...`) are
/// left out: a file called "403 cap exceeded.txt" proves nothing.
struct Evidence {
  /// What ended the command: "Fatal: " lines, the message of `exit_error`, and every other line.
  /// "Fatal: " is cut off.
  std::vector<std::string> final_lines;
  /// Why an operation was tried again: the text after "returned error, retrying after ...: " or
  /// "failed: ".
  std::vector<std::string> retry_lines;
  /// The last "Fatal: " line or the first line of `exit_error`, without "Fatal: "; empty if there
  /// was none.
  std::string fatal;
};

Evidence CollectEvidence(std::string_view stderr_text);

/// "b2_upload_file: 403: Cannot upload files, ..." anywhere in a line.
struct B2Error {
  std::string call;  // "b2_upload_file"
  int status = 0;    // 403
  std::string text;  // may be empty: newer releases ask with HEAD, which has no body
};
/// `call` is empty if there is none.
B2Error FindB2Error(std::string_view line);

/// True for a line that restic's helpers print although nothing is wrong (rclone without a
/// configuration file, ssh that remembers a host key). Explicit and about whole lines: everything
/// else counts as a complaint.
bool IsBenign(std::string_view line);

/// True for the line with which restic says that it goes on without its cache (a full disk, say): a
/// warning, but no word about the repository.
bool GoesOnWithoutCache(std::string_view line);

/// What restic said, a line each, for people: JSON as text, every line once. Left out are benign
/// lines, stack traces, and the words about a stop that somebody asked for.
std::vector<std::string> SpokenLines(std::string_view stderr_text);

}  // namespace runner
