#pragma once

#include "runner/http/lookout.h"
#include "runner/http/message.h"

namespace runner {

/// Answers a GET below /api/: the same documents that `--json` prints, with the same schemas, and
/// errors as schemas/error.schema.json. The caller redacts.
Response AnswerApi(Lookout& lookout, const Request& request);

/// An error as JSON.
Response JsonError(int status, const targets::Error& error);

}  // namespace runner
