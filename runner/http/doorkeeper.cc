#include "runner/http/doorkeeper.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "runner/http/message.h"

namespace runner {

Doorkeeper::Doorkeeper(const Clock& clock, std::function<std::string()> random)
    : clock_(clock), random_(std::move(random)) {}

void Doorkeeper::SetToken(std::optional<targets::Secret> token) {
  const std::lock_guard lock(mutex_);
  if (token != token_) sessions_.clear();
  token_ = std::move(token);
}

Doorkeeper::Answer Doorkeeper::Try(std::string_view token) {
  const std::lock_guard lock(mutex_);
  if (!token_) return Answer::kNoToken;
  const MonotonicTime now = clock_.Monotonic();
  while (!wrong_.empty() && now - wrong_.front() >= std::chrono::minutes(1)) wrong_.pop_front();
  if (wrong_.size() >= kWrongPerMinute) return Answer::kTooMany;
  if (SameSecret(token, token_->Expose())) return Answer::kRight;
  wrong_.push_back(now);
  return Answer::kWrong;
}

std::string Doorkeeper::Open() {
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= kMostSessions) {
    sessions_.erase(std::ranges::min_element(
        sessions_, {}, [](const auto& session) { return session.second.until; }));
  }
  const std::string id = random_();
  sessions_[id] = {random_(), clock_.Monotonic() + kSessionLife};
  return id;
}

void Doorkeeper::Close(const std::string& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
}

Viewer Doorkeeper::ViewerOf(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  if (!token_) return {};
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || clock_.Monotonic() >= found->second.until)
    return {Viewer::Rights::kSignedOut, ""};
  return {Viewer::Rights::kMayAct, found->second.form_key};
}

std::string RandomText() {
  std::array<unsigned char, 32> bytes{};
  // Up to 256 bytes come whole once the kernel has begun to give any; without them nothing is safe.
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace runner
