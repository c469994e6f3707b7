#pragma once

#include <string>
#include <vector>

#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

enum class Severity { kDebug, kInfo, kWarning, kError };

/// Something that a person or a log may want to know. Already free of secrets when it reaches a
/// sink.
struct Event {
  Severity severity = Severity::kInfo;
  std::string subject;  // a target's id, "repository", or empty for the program itself
  std::string stage;    // "backup", "forget", ... or empty
  std::string message;  // one line
};

/// Progress of one running job, at most once a second.
struct Progress {
  std::string target;
  std::string stage;
  double fraction = 0;  // 0..1
  unsigned long long bytes_done = 0;
  unsigned long long bytes_total = 0;
  unsigned long long files_done = 0;
  unsigned long long files_total = 0;
  long long seconds_remaining = -1;  // -1: unknown
};

/// Where the effects report to. Implementations are thread-safe and never fail.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnEvent(const Event& event) = 0;
  virtual void OnProgress(const Progress& /*progress*/) {}
  /// No more progress of this job will come for now: it ended, or its data is through.
  virtual void OnProgressEnd(const std::string& /*target*/, const std::string& /*stage*/) {}
};

}  // namespace runner
