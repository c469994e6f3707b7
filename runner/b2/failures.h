#pragma once

#include <string>

#include "runner/net/http.h"
#include "runner/restic/failure.h"

namespace runner {

/// The meaning of a reply of B2 that is no success. `call`: "b2_authorize_account".
Failure FailureOfReply(const std::string& call, int status, const std::string& body);

/// The meaning of no reply.
Failure FailureOfHttp(const std::string& call, const HttpError& error);

/// True if the same request may succeed a moment later.
bool MayPass(int status);
bool MayPass(const HttpError& error);

}  // namespace runner
