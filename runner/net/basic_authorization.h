#pragma once

#include <string>

namespace runner {

/// In one line.
std::string Base64(const std::string& text);

/// The value of an Authorization header for "user:password".
std::string BasicAuthorization(const std::string& user_and_password);

}  // namespace runner
