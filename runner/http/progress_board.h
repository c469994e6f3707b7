#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runner/base/observer.h"

namespace runner {

/// Target and stage of a job that tells its progress.
using ProgressKey = std::pair<std::string, std::string>;
using ProgressMap = std::map<ProgressKey, Progress>;

/// Remembers how far the running jobs are, and passes everything on. Thread-safe.
class ProgressBoard final : public Observer {
 public:
  explicit ProgressBoard(std::shared_ptr<Observer> next) : next_(std::move(next)) {}

  void OnEvent(const Event& event) override { next_->OnEvent(event); }
  void OnProgress(const Progress& progress) override;
  void OnProgressEnd(const std::string& target, const std::string& stage) override;

  [[nodiscard]] ProgressMap Now() const;

 private:
  std::shared_ptr<Observer> next_;
  mutable std::mutex mutex_;
  ProgressMap jobs_;
};

}  // namespace runner
