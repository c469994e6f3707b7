#include "tests/support/b2_server/connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Timestamp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <tuple>

namespace runner::testing::b2 {
namespace {

constexpr std::size_t kMostHead = 64 * 1024;
constexpr std::size_t kMostBody = 512UL * 1024 * 1024;
constexpr std::size_t kBlock = 256 * 1024;

std::optional<Head> Parse(const std::string& text) {
  Poco::Net::HTTPRequest parsed;
  std::istringstream stream(text);
  parsed.read(stream);
  Head head;
  head.request.method = parsed.getMethod();
  const std::string& uri = parsed.getURI();
  const std::size_t question = uri.find('?');
  head.request.path = uri.substr(0, question);
  if (question != std::string::npos) head.request.query = uri.substr(question + 1);
  for (const auto& [name, value] : parsed) head.request.headers[name] = value;
  head.host = uri;
  head.chunked = parsed.getChunkedTransferEncoding();
  head.keep_alive = parsed.getKeepAlive();
  const auto size = parsed.getContentLength64();
  if (size > static_cast<Poco::Int64>(kMostBody)) return std::nullopt;
  if (size > 0) head.body_size = static_cast<std::size_t>(size);
  return head;
}

}  // namespace

bool Connection::Fill() {
  std::array<char, 16 * 1024> block{};
  try {
    const int got = socket_.receiveBytes(block.data(), static_cast<int>(block.size()));
    if (got <= 0) return false;
    received_.append(block.data(), static_cast<std::size_t>(got));
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

std::optional<Head> Connection::ReadHead() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (received_.size() > kMostHead || !Fill()) return std::nullopt;
  }
  const std::string text = received_.substr(0, end + 4);
  received_.erase(0, end + 4);
  try {
    return Parse(text);
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

bool Connection::ReadBody(std::string& body, std::size_t size) {
  const std::size_t ready = std::min(size, received_.size());
  body.append(received_, 0, ready);
  received_.erase(0, ready);
  std::size_t filled = body.size();
  const std::size_t end = filled + size - ready;
  body.resize(end);
  try {
    while (filled < end) {
      const int got = socket_.receiveBytes(body.data() + filled,
                                           static_cast<int>(std::min(kBlock, end - filled)));
      if (got <= 0) return false;
      filled += static_cast<std::size_t>(got);
    }
  } catch (const Poco::Exception&) {
    return false;
  }
  return true;
}

bool Connection::StartTls(const Poco::Net::Context::Ptr& context) {
  try {
    socket_ = Poco::Net::SecureStreamSocket::attach(socket_, context);
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

bool Connection::Write(std::string_view bytes) {
  try {
    while (!bytes.empty()) {
      const int sent =
          socket_.sendBytes(bytes.data(), static_cast<int>(std::min(kBlock, bytes.size())));
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

void Connection::WaitForEnd() {
  while (Fill()) received_.clear();
}

void Connection::Reset() const {
  // Dissolving a TCP association sends an RST and leaves the descriptor to its owner.
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  std::ignore = connect(fd_, &nobody, sizeof nobody);
}

void Shutdown(int fd) { shutdown(fd, SHUT_RDWR); }

std::string HeadOf(const Reply& reply, bool keep_alive) {
  Poco::Net::HTTPResponse response(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
  response.setVersion(Poco::Net::HTTPMessage::HTTP_1_1);
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.setContentType(reply.content_type);
  response.setContentLength64(static_cast<Poco::Int64>(reply.length));
  response.setKeepAlive(keep_alive);
  response.setDate(Poco::Timestamp());  // b2sdk compares it with its own clock
  std::ostringstream stream;
  response.write(stream);
  return stream.str();
}

}  // namespace runner::testing::b2
