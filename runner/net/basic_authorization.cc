#include "runner/net/basic_authorization.h"

#include <Poco/Base64Encoder.h>

#include <sstream>

namespace runner {

std::string BasicAuthorization(const std::string& user_and_password) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << user_and_password;
  encoder.close();
  return "Basic " + out.str();
}

}  // namespace runner
