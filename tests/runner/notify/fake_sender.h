#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runner/base/observer.h"
#include "runner/notify/sender.h"

namespace runner {

/// Takes messages, unless it is down.
class FakeSender final : public Sender {
 public:
  targets::Result<std::string> Send(const targets::NotifyChannel& channel, const Message& message,
                                    const Stopped& /*stopped*/) override {
    ++tries;
    if (during) during();
    if (!down.empty()) return targets::Fail(down);
    sent.push_back(channel.name + ": " + std::string(message.Event()) + " " + message.title);
    return "ok";
  }
  std::vector<std::string> sent;
  std::string down;
  int tries = 0;
  std::function<void()> during;
};

class Listener final : public Observer {
 public:
  void OnEvent(const Event& event) override { said.push_back(event.message); }
  std::vector<std::string> said;
};

}  // namespace runner
