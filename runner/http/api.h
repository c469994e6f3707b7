#pragma once

#include "runner/http/site.h"

namespace runner {

/// Answers what lies below /api/: the same documents that `--json` prints, with the same schemas,
/// and errors as schemas/error.schema.json. An action needs the token as a bearer's. The caller
/// redacts.
Response AnswerApi(const Site::Tools& tools, const Request& request);

/// schemas/openapi.json.
std::string_view OpenApiDocument();

/// An error as JSON.
Response JsonError(int status, const targets::Error& error);

}  // namespace runner
