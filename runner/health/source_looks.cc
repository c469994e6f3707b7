#include "runner/health/source_looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace runner {
namespace {

using targets::SourceState;

constexpr auto kPatience =
    std::chrono::duration_cast<std::chrono::seconds>(SourceLooks::kSteps * SourceLooks::kStep);

SourceLook LookAt(FileSystem& files, const SourcePlace& place) {
  SourceLook look{InspectSource(files, place.source, place.guard), std::nullopt};
  const SourceState state = look.source.state;
  if (state == SourceState::kMissing || state == SourceState::kUnreadable) return look;
  if (const auto space = files.Space(place.source.path))
    look.disk = DiskInput{.path = place.source.path, .space = *space};
  return look;
}

SourceLook Unanswered(const SourcePlace& place, std::string_view why) {
  const std::string& path = place.source.path;
  return {{SourceState::kUnreadable, fmt::format(fmt::runtime(why), path, kPatience.count()), path},
          std::nullopt,
          false};
}
constexpr std::string_view kSilent =
    "{} did not answer within {} s: is a network file system down?";
constexpr std::string_view kNotReached =
    "{} was not looked at within {} s: too many others do not answer";

void NapOneStep(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                const std::size_t& answered, std::size_t all) {
  changed.wait_for(lock, SourceLooks::kStep, [&] { return answered == all; });
}

}  // namespace

struct SourceLooks::Shared {
  Shared(FileSystem& the_files, std::vector<SourcePlace> the_places)
      : files(the_files), places(std::move(the_places)), looks(places.size()) {}

  FileSystem& files;
  const std::vector<SourcePlace> places;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<SourceLook>> looks;
  std::size_t next = 0;  // the first that nobody has begun to look at
  std::size_t answered = 0;
  bool abandoned = false;  // nobody waits any more
};

SourceLooks::SourceLooks(FileSystem& files, std::vector<SourcePlace> places, Nap nap)
    : shared_(std::make_shared<Shared>(files, std::move(places))),
      nap_(nap ? std::move(nap) : NapOneStep) {
  if (!shared_->places.empty()) Go();
}

void SourceLooks::Go() {
  const auto work = [shared = shared_] {
    std::unique_lock lock(shared->mutex);
    while (!shared->abandoned && shared->next < shared->places.size()) {
      const std::size_t mine = shared->next++;
      lock.unlock();
      SourceLook look = LookAt(shared->files, shared->places[mine]);
      lock.lock();
      shared->looks[mine] = std::move(look);
      ++shared->answered;
      shared->changed.notify_all();
    }
  };
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {
    work();  // better to look with the risk of a dead mount than to say that nothing answers
  }
}

std::vector<SourceLook> SourceLooks::Await() {
  const std::size_t all = shared_->places.size();
  std::unique_lock lock(shared_->mutex);
  std::size_t more = 1;
  for (int step = 0; step < kSteps && shared_->answered < all; ++step) {
    const std::size_t before = shared_->answered;
    nap_(lock, shared_->changed, shared_->answered, all);
    const bool stuck = shared_->answered == before && shared_->next < all;
    if (!stuck || step + 1 == kSteps) continue;
    const std::size_t threads = std::min(more, all - shared_->next);
    more *= 2;
    lock.unlock();
    for (std::size_t i = 0; i < threads; ++i) Go();
    lock.lock();
  }
  shared_->abandoned = true;
  hangs_ = shared_->answered < all;
  std::vector<SourceLook> looks;
  looks.reserve(all);
  for (std::size_t i = 0; i < all; ++i) {
    looks.push_back(shared_->looks[i] ? *std::move(shared_->looks[i])
                                      : Unanswered(shared_->places[i],
                                                   i < shared_->next ? kSilent : kNotReached));
  }
  return looks;
}

}  // namespace runner
