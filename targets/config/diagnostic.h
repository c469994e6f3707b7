#pragma once

#include <string>
#include <vector>

namespace targets {

enum class DiagnosticSeverity { kError, kWarning };

/// One thing that is wrong (or doubtful) with a configuration, and where.
struct Diagnostic {
  DiagnosticSeverity severity = DiagnosticSeverity::kError;
  std::string file;     // "backup.yaml", or empty when the environment is to blame
  int line = 0;         // from 1; 0: not in a file
  int column = 0;       // from 1
  std::string path;     // "targets.photos.retention.daily", or "env BACKUP_TARGET_PHOTOS__SCHEDULE"
  std::string message;  // what is wrong
  std::string hint;     // what to do; may be empty
  std::string source_line;  // the line of the file, without its newline; empty if there is none

  bool operator==(const Diagnostic&) const = default;
};

/// `backup.yaml:12:5: targets.photos.retension: unknown key; did you mean "retention"?`, the source
/// line and a caret below it. Ends with a newline. Non-printing characters of the source line are
/// shown as `.`.
std::string RenderDiagnostic(const Diagnostic& diagnostic);

}  // namespace targets
