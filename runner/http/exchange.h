#pragma once

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include <chrono>
#include <functional>
#include <string>

#include "runner/http/message.h"

namespace Poco::Net {
class HTTPServerResponse;
}

namespace runner {

/// Sends what `event` says each time it differs from before, until the client goes away or `socket`
/// is shut down.
void StreamEvents(Poco::Net::HTTPServerResponse& response, int socket,
                  std::chrono::milliseconds pause, const std::function<std::string()>& event);

/// Turns a request of the library into ours and our response into one of the library. `stream`
/// sends events until the end; false: there are too many streams already.
Poco::Net::HTTPRequestHandlerFactory::Ptr MakeExchange(
    std::function<Response(const Request&)> answer,
    std::function<bool(Poco::Net::HTTPServerResponse&)> stream);

}  // namespace runner
