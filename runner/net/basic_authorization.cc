#include "runner/net/basic_authorization.h"

#include <Poco/Base64Encoder.h>

#include <sstream>

namespace runner {

std::string Base64(const std::string& text) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << text;
  encoder.close();
  return out.str();
}

std::string BasicAuthorization(const std::string& user_and_password) {
  return "Basic " + Base64(user_and_password);
}

}  // namespace runner
