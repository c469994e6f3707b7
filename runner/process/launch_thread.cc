#include "runner/process/launch_thread.h"

#include <csignal>
#include <future>
#include <utility>

namespace runner {

LaunchThread::LaunchThread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LaunchThread::~LaunchThread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LaunchThread::Run(const std::function<void()>& job) {
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    jobs_.emplace_back([&] {
      job();
      done.set_value();
    });
  }
  changed_.notify_one();
  done.get_future().wait();
}

void LaunchThread::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace runner
