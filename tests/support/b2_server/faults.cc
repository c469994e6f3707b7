#include "tests/support/b2_server/faults.h"

#include <map>
#include <utility>

#include "tests/support/b2_server/json_text.h"

namespace runner::testing::b2 {
namespace {

/// Code and message as seen from B2 itself.
std::pair<std::string, std::string> UsualWords(int status) {
  static const std::map<int, std::pair<std::string, std::string>> words = {
      {400, {"bad_request", "bad request"}},
      {401, {"unauthorized", ""}},
      {403,
       {"storage_cap_exceeded",
        "Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your "
        "cap."}},
      {404, {"not_found", "File with such name does not exist."}},
      {408, {"request_timeout", "timed out waiting for bytes"}},
      {429, {"too_many_requests", "200 calls/minute allowed for: API_LIST_FILE_NAMES_CALLED"}},
      {500, {"internal_error", "internal error"}},
      {503, {"service_unavailable", "c002_v0001111_t0059 is too busy"}}};
  const auto found = words.find(status);
  return found == words.end() ? std::pair<std::string, std::string>{"error", "error"}
                              : found->second;
}

}  // namespace

std::string ErrorBody(const Fault& fault) {
  if (fault.body) return *fault.body;
  const auto [code, message] = UsualWords(fault.status);
  return JsonObject()
      .Number("status", fault.status)
      .Text("code", fault.code.empty() ? code : fault.code)
      .Text("message", fault.code.empty() && fault.message.empty() ? message : fault.message)
      .str();
}

void Faults::Add(Fault fault) {
  const std::lock_guard lock(mutex_);
  const std::regex api(fault.api);
  const std::regex name(fault.name);
  rules_.push_back({std::move(fault), api, name});
}

void Faults::Clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

std::optional<Fault> Faults::Take(const std::string& api, const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (Rule& rule : rules_) {
    if (rule.fault.count == 0 || !std::regex_match(api, rule.api) ||
        !std::regex_search(name, rule.name))
      continue;
    if (rule.fault.skip > 0) {
      --rule.fault.skip;
      continue;
    }
    if (rule.fault.count > 0) --rule.fault.count;
    return rule.fault;
  }
  return std::nullopt;
}

}  // namespace runner::testing::b2
