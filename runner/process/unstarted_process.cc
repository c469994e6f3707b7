#include "runner/process/unstarted_process.h"

#include <utility>

namespace runner {
namespace {

class UnstartedProcess final : public Process {
 public:
  UnstartedProcess(std::string reason, StopCause cause)
      : reason_(std::move(reason)), cause_(cause) {}

  ProcessResult Wait() override {
    ProcessResult result;
    result.status = NotStarted{reason_};
    result.stop_cause = cause_;
    return result;
  }
  void RequestStop(StopCause /*cause*/) override {}
  [[nodiscard]] pid_t Pid() const override { return -1; }

 private:
  std::string reason_;
  StopCause cause_;
};

class UnstartedPair final : public StreamPair {
 public:
  UnstartedPair(const std::string& reason, StopCause cause)
      : producer_(reason, cause), consumer_(reason, cause) {}

  Process& Producer() override { return producer_; }
  Process& Consumer() override { return consumer_; }
  void CloseWriteEnd() override {}

 private:
  UnstartedProcess producer_;
  UnstartedProcess consumer_;
};

}  // namespace

std::unique_ptr<Process> MakeUnstarted(std::string reason, StopCause cause) {
  return std::make_unique<UnstartedProcess>(std::move(reason), cause);
}

std::unique_ptr<StreamPair> MakeUnstartedPair(const std::string& reason, StopCause cause) {
  return std::make_unique<UnstartedPair>(reason, cause);
}

std::string QuotedProgram(const ProcessSpec& spec) {
  return '"' + (spec.argv.empty() ? std::string() : spec.argv.front()) + '"';
}

}  // namespace runner
