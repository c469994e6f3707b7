#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/b2_server/store.h"

namespace runner::testing::b2 {

struct IgnoringCase {
  bool operator()(const std::string& left, const std::string& right) const;
};

/// Where a client is sent on to: the hosts of B2 through a tunnel, or this server directly.
struct Origin {
  std::string api;
  std::string download;
  std::string upload;
};

/// One HTTP request as a value.
struct Request {
  std::string method = "POST";
  std::string path = {};   // percent-encoded
  std::string query = {};  // what follows the question mark
  std::map<std::string, std::string, IgnoringCase> headers = {};
  Content body = {};
  Origin origin = {};

  [[nodiscard]] std::string Header(const std::string& name) const;
  [[nodiscard]] std::string_view Text() const {
    return body == nullptr ? std::string_view() : *body;
  }
};

/// One HTTP answer as a value: `length` bytes of `body` from `from` on.
struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = "application/json;charset=UTF-8";
  Content body = {};
  std::size_t from = 0;
  std::size_t length = 0;

  [[nodiscard]] std::string_view Text() const {
    return body == nullptr ? std::string_view() : std::string_view(*body).substr(from, length);
  }
};

Reply JsonReply(int status, std::string json);

/// Which call of B2 a path means: "/b2api/v2/b2_upload_file/BUCKET/X" or "/file/BUCKET/NAME".
struct Target {
  std::string api = {};  // "" if it is none
  int version = 1;
  std::string rest = {};  // what follows the call's name, still encoded
};

Target TargetOf(const std::string& path);

/// B2's string encoding: %XX, and "+" for a space.
std::string PercentDecode(std::string_view text);
/// Leaves letters, digits and "-._~/" as they are.
std::string PercentEncode(std::string_view text);

std::string Sha1Hex(std::string_view bytes);
/// "" if it is none.
std::string Base64Decode(const std::string& text);

}  // namespace runner::testing::b2
