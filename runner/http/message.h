#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/http/html.h"

namespace runner {

enum class Method { kGet, kHead, kPost };

/// What a client asks, as plain text that nobody has believed yet.
struct Request {
  Method method = Method::kGet;
  std::string path = "/";  // decoded, begins with a slash
  std::map<std::string, std::string> query = {};
  std::string host = {};           // without the port, in small letters; may be empty
  std::string authority = {};      // the same as the client wrote it, with the port
  std::string origin = {};         // of the page that sends a form; "" if the client does not say
  std::string authorization = {};  // of "Bearer": what stands behind it
  std::string session = {};        // of our cookie
  std::string content_type = {};   // in small letters, without parameters
  std::string body = {};

  bool operator==(const Request&) const = default;
};

/// What it gets.
struct Response {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool stream = false;  // instead of the body, events until one side ends it

  bool operator==(const Response&) const = default;
};

/// The name of the cookie that says who is signed in.
inline constexpr const char* kSessionCookie = "runner_session";

inline constexpr std::size_t kLongestTarget = 2048;  // of the request line
inline constexpr std::size_t kLongestBody = 4096;
inline constexpr std::size_t kMostParameters = 16;

/// "/targets/photos?days=30" into path and query. nullopt: it is malformed or too long.
struct Destination {
  std::string path;
  std::map<std::string, std::string> query;

  bool operator==(const Destination&) const = default;
};
std::optional<Destination> ParseDestination(std::string_view text);

/// "a=b&c=d" with percent signs and pluses; the first of equal names counts. nullopt: malformed, or
/// more than kMostParameters.
std::optional<std::map<std::string, std::string>> ParseForm(std::string_view text);

/// The value of that name; "" if there is none.
std::string FieldOf(const std::map<std::string, std::string>& form, const std::string& name);

/// The value of one cookie; "" if it is not there.
std::string ReadCookie(std::string_view header, std::string_view name);

/// "Backup.Example.org:8787" without the port and in small letters, "::1" of "[::1]:80".
std::string HostOf(std::string_view header);

/// True if a page of that name may be read: an address, localhost, or one of `names`. Any other
/// name may be a foreign one that was pointed at this machine ("DNS rebinding").
bool HostIsOurs(std::string_view host, const std::vector<std::string>& names);

/// In a time that does not depend on where they differ.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace runner
