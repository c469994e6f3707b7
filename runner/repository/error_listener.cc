#include "runner/repository/error_listener.h"

#include <utility>

#include "runner/restic/evidence.h"

namespace runner {
namespace {

using Words = ErrorListener::Words;

/// Listens to a process that somebody else owns.
class Heard final : public Process {
 public:
  Heard(Process& inner, OutputTeller teller, std::shared_ptr<Words> words)
      : inner_(inner), teller_(std::move(teller)), words_(std::move(words)) {}
  ProcessResult Wait() override {
    ProcessResult result = inner_.Wait();
    words_->Note(result, teller_);
    return result;
  }
  void RequestStop(StopCause cause) override { inner_.RequestStop(cause); }
  [[nodiscard]] pid_t Pid() const override { return inner_.Pid(); }

 private:
  Process& inner_;
  OutputTeller teller_;
  std::shared_ptr<Words> words_;
};

class HeardProcess final : public Process {
 public:
  HeardProcess(std::unique_ptr<Process> inner, OutputTeller teller, std::shared_ptr<Words> words)
      : inner_(std::move(inner)), heard_(*inner_, std::move(teller), std::move(words)) {}
  ProcessResult Wait() override { return heard_.Wait(); }
  void RequestStop(StopCause cause) override { heard_.RequestStop(cause); }
  [[nodiscard]] pid_t Pid() const override { return heard_.Pid(); }

 private:
  std::unique_ptr<Process> inner_;
  Heard heard_;
};

class HeardStream final : public StreamPair {
 public:
  HeardStream(std::unique_ptr<StreamPair> inner, OutputTeller writer, OutputTeller reader,
              const std::shared_ptr<Words>& words)
      : inner_(std::move(inner)),
        writer_(inner_->Producer(), std::move(writer), words),
        reader_(inner_->Consumer(), std::move(reader), words) {}
  Process& Producer() override { return writer_; }
  Process& Consumer() override { return reader_; }
  void CloseWriteEnd() override { inner_->CloseWriteEnd(); }

 private:
  std::unique_ptr<StreamPair> inner_;
  Heard writer_;
  Heard reader_;
};

}  // namespace

/// What is said by one that was asked to stop, is about the stop. One that its own words made us
/// stop (a lock that vanished) is started again. What a user's command says is none of restic's
/// errors.
void Words::Note(const ProcessResult& result, const OutputTeller& teller) {
  const std::lock_guard lock(mutex_);
  teller.Add(result, output_);
  if (!teller.OfRestic()) return;
  if (result.stop_cause == StopCause::kRequested || result.stop_cause == StopCause::kOutputVerdict)
    return;
  for (std::string& line : SpokenLines(result.stderr_tail)) said_.push_back(std::move(line));
}

std::vector<std::string> Words::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(said_, {});
}

RunOutput Words::output() {
  const std::lock_guard lock(mutex_);
  return output_;
}

ErrorListener::Listening::Listening(ErrorListener& listener, MarkerKey key)
    : listener_(listener), key_(std::move(key)) {
  const std::lock_guard lock(listener_.mutex_);
  listener_.runs_[std::this_thread::get_id()] = std::make_shared<Words>();
}

ErrorListener::Listening::~Listening() {
  std::shared_ptr<Words> words;
  {
    const std::lock_guard lock(listener_.mutex_);
    auto ended = listener_.runs_.extract(std::this_thread::get_id());
    if (!ended.empty()) words = std::move(ended.mapped());
  }
  if (words == nullptr) return;
  static_cast<void>(listener_.log_.Add(key_, listener_.clock_.Now(), words->Take()));
}

std::shared_ptr<Words> ErrorListener::OfThisThread() {
  const std::lock_guard lock(mutex_);
  const auto run = runs_.find(std::this_thread::get_id());
  return run == runs_.end() ? nullptr : run->second;
}

RunOutput ErrorListener::Heard() {
  const auto words = OfThisThread();
  return words == nullptr ? RunOutput{} : words->output();
}

std::unique_ptr<Process> ErrorListener::Launch(ProcessSpec spec) {
  OutputTeller teller(spec);
  auto process = inner_.Launch(std::move(spec));
  auto words = OfThisThread();
  if (words == nullptr) return process;
  return std::make_unique<HeardProcess>(std::move(process), std::move(teller), std::move(words));
}

std::unique_ptr<StreamPair> ErrorListener::LaunchStream(ProcessSpec producer,
                                                        ProcessSpec consumer) {
  OutputTeller writer = OutputTeller::OfCommand(producer);
  OutputTeller reader(consumer);
  auto pair = inner_.LaunchStream(std::move(producer), std::move(consumer));
  const auto words = OfThisThread();
  if (words == nullptr) return pair;
  return std::make_unique<HeardStream>(std::move(pair), std::move(writer), std::move(reader),
                                       words);
}

}  // namespace runner
