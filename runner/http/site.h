#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "runner/http/actions.h"
#include "runner/http/doorkeeper.h"
#include "runner/http/lookout.h"
#include "runner/http/message.h"
#include "runner/http/page.h"
#include "runner/http/progress_board.h"
#include "runner/http/snapshot_list.h"

namespace runner {

/// The pages and the API: a request in, a response out. Thread-safe. Every response forbids the
/// browser whatever the pages do not need, and no text leaves without passing the redactor. Readers
/// who may not act share the overview and the plan that were made from the same look.
class Site {
 public:
  /// All of it outlives the site.
  struct Tools {
    Lookout& lookout;
    Doorkeeper& door;
    Actions& actions;
    const ProgressBoard& board;
    SnapshotSource snapshots;
    std::string version = {};  // of the program
  };
  explicit Site(Tools tools) : tools_(std::move(tools)) {}

  Response Answer(const Request& request);

  /// What a stream sends when it differs from the last: a `look` event of server-sent events.
  std::string Event();

 private:
  Response Route(const Request& request);
  Response Shared(const Request& request, const Viewer& viewer);
  Response Show(const Request& request, const Viewer& viewer);
  Response Overview(const Viewer& viewer);
  Response Target(const std::string& name, const Viewer& viewer);
  Response Run(const std::string& number, const Viewer& viewer);
  Response Plan(const Viewer& viewer);
  Response Post(const Request& request, const Viewer& viewer);
  Response SignIn(const Request& request);
  Response Healthz();
  Response Readyz();
  Response Metrics();
  Response Wrap(const std::string& title, const std::string& here, const Html& content,
                const Viewer& viewer, int status = 200);
  Response Say(int status, const std::string& heading, const std::string& sentence,
               const Viewer& viewer);

  Tools tools_;
  std::mutex mutex_;
  std::shared_ptr<const Look> shown_look_;
  std::map<std::pair<std::string, Viewer::Rights>, Response> shown_;  // from that look
};

/// Plain text, for programs and people at a command line.
Response TextResponse(int status, std::string text);
/// A file of the program itself: /style.css, /page.js, /icon.svg. nullopt: it is none.
std::optional<Response> Asset(const std::string& path);

/// What somebody who may act asks for: "run", "drill", "ack", "probe", "prune", "check". The answer
/// says what was taken; errors: there is no such action or target.
targets::Result<std::string> Act(const std::string& action,
                                 const std::map<std::string, std::string>& form,
                                 const targets::Config& config, Actions& actions);

}  // namespace runner
