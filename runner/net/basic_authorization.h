#pragma once

#include <string>

namespace runner {

/// The value of an Authorization header for "user:password".
std::string BasicAuthorization(const std::string& user_and_password);

}  // namespace runner
