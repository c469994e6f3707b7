#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "tests/support/b2_server/call.h"
#include "tests/support/b2_server/keys.h"
#include "tests/support/b2_server/message.h"
#include "tests/support/b2_server/store.h"

namespace runner::testing::b2 {

/// The whole of B2 without sockets: request values in, answer values out. Thread-safe.
class Api {
 public:
  explicit Api(NowMs now, PartSizes part_sizes = {})
      : now_(now), part_sizes_(part_sizes), store_(std::move(now)) {}

  struct Answer {
    Reply reply;
    std::string key_id = {};  // "" if nobody was recognised
    int units = 1;            // what it costs
  };
  Answer Handle(const Request& request);

  /// The file, or the prefix of a listing, that a request is about; "" if none.
  [[nodiscard]] std::string NameOf(const Request& request);

  /// Marks the request's upload token as in use while its body arrives; false: it is already.
  bool EnterUpload(const Request& request);
  void LeaveUpload(const Request& request);

  /// Looks at or changes what is stored: `use(store, keys)`.
  template <typename Use>
  auto With(const Use& use) {
    const std::lock_guard lock(mutex_);
    return use(store_, keys_);
  }

 private:
  Outcome<Reply> Perform(const CallSpec& spec, Call& call);
  Outcome<Key> KeyOf(const CallSpec& spec, const Call& call);

  NowMs now_;
  PartSizes part_sizes_;
  std::mutex mutex_;
  Store store_;
  Keys keys_;
};

/// The JSON of a refusal.
Reply RefusalReply(const Refusal& refusal);

}  // namespace runner::testing::b2
