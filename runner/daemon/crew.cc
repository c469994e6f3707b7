#include "runner/daemon/crew.h"

#include <utility>

namespace runner {

void ThreadCrew::Send(std::function<void()> work) {
  members_.remove_if([](const Member& member) { return member.done->load(); });
  Member& member =
      members_.emplace_back(std::make_unique<std::atomic<bool>>(false), std::jthread());
  member.thread = std::jthread([work = std::move(work), done = member.done.get()] {
    work();
    done->store(true);
  });
}

}  // namespace runner
