#include "runner/process/unstarted_process.h"

#include <utility>

namespace runner {
namespace {

class UnstartedProcess final : public Process {
 public:
  explicit UnstartedProcess(std::string reason) : reason_(std::move(reason)) {}

  ProcessResult Wait() override {
    ProcessResult result;
    result.status = NotStarted{reason_};
    return result;
  }
  void RequestStop(StopCause /*cause*/) override {}
  [[nodiscard]] pid_t Pid() const override { return -1; }

 private:
  std::string reason_;
};

class UnstartedPair final : public StreamPair {
 public:
  explicit UnstartedPair(const std::string& reason) : producer_(reason), consumer_(reason) {}

  Process& Producer() override { return producer_; }
  Process& Consumer() override { return consumer_; }
  void CloseWriteEnd() override {}

 private:
  UnstartedProcess producer_;
  UnstartedProcess consumer_;
};

}  // namespace

std::unique_ptr<Process> MakeUnstarted(std::string reason) {
  return std::make_unique<UnstartedProcess>(std::move(reason));
}

std::unique_ptr<StreamPair> MakeUnstartedPair(const std::string& reason) {
  return std::make_unique<UnstartedPair>(reason);
}

std::string QuotedProgram(const ProcessSpec& spec) {
  return '"' + (spec.argv.empty() ? std::string() : spec.argv.front()) + '"';
}

}  // namespace runner
