#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runner/base/clock.h"
#include "runner/process/process_runner.h"
#include "runner/repository/run_output.h"
#include "runner/state/error_log.h"

namespace runner {

/// A ProcessRunner that listens to what its children say on standard error, and keeps it in the
/// error log of the job that launched them. Which job that is, the thread tells: each job has one.
/// Thread-safe. All arguments outlive it.
class ErrorListener final : public ProcessRunner {
 public:
  ErrorListener(ProcessRunner& inner, ErrorLog& log, const Clock& clock)
      : inner_(inner), log_(log), clock_(clock) {}

  /// Listens to one run of one job: while it lives, the children that this thread launches belong
  /// to it. At its end their words are written. A full disk is the markers' to report. REQUIRES:
  /// destroyed by the thread that made it, after all children have ended; one at a time in a
  /// thread.
  class Listening {
   public:
    Listening(ErrorListener& listener, MarkerKey key);
    ~Listening();
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

   private:
    ErrorListener& listener_;
    MarkerKey key_;
  };

  std::unique_ptr<Process> Launch(ProcessSpec spec) override;
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override;
  void StopAll() override { inner_.StopAll(); }

  /// What the children of this thread's run have printed and used until now, for the history;
  /// nothing if nobody listens.
  RunOutput Heard();

  /// What was said in one run. Thread-safe.
  class Words {
   public:
    void Note(const ProcessResult& result, const OutputTeller& teller);
    std::vector<std::string> Take();
    RunOutput output();

   private:
    std::mutex mutex_;
    std::vector<std::string> said_;
    RunOutput output_;
  };

 private:
  std::shared_ptr<Words> OfThisThread();

  ProcessRunner& inner_;
  ErrorLog& log_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::thread::id, std::shared_ptr<Words>> runs_;
};

}  // namespace runner
