#pragma once

#include <functional>
#include <string>

#include "runner/http/lookout.h"
#include "runner/http/message.h"
#include "runner/http/page.h"

namespace runner {

/// The pages and the API: a request in, a response out. Thread-safe. Every response forbids the
/// browser whatever the pages do not need, and no text leaves without passing the redactor.
class Site {
 public:
  /// `lookout` outlives it.
  explicit Site(Lookout& lookout) : lookout_(lookout) {}

  Response Answer(const Request& request);

  /// What a stream sends when it differs from the last: a `look` event of server-sent events.
  std::string Event();

 private:
  Response Route(const Request& request);
  Response Page(const Request& request);
  Response Overview();
  Response Healthz();
  Response Readyz();
  Response Wrap(const std::string& title, const std::string& here, const Html& content,
                int status = 200);
  Response Failure(const targets::Error& error);

  Lookout& lookout_;
};

/// Plain text, for programs and people at a command line.
Response TextResponse(int status, std::string text);
/// A file of the program itself: /style.css, /page.js, /icon.svg. nullopt: it is none.
std::optional<Response> Asset(const std::string& path);

}  // namespace runner
