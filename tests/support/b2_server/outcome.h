#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace runner::testing::b2 {

/// How B2 says no: the HTTP status, and code and message of the JSON body.
struct Refusal {
  int status = 400;
  std::string code;
  std::string message = {};

  bool operator==(const Refusal&) const = default;
};

template <typename T>
using Outcome = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> Refuse(int status, std::string code, std::string message = {}) {
  return tl::unexpected<Refusal>(Refusal{status, std::move(code), std::move(message)});
}

inline tl::unexpected<Refusal> BadRequest(std::string message) {
  return Refuse(400, "bad_request", std::move(message));
}

inline tl::unexpected<Refusal> NoSuchFile() {
  return Refuse(404, "not_found", "File with such name does not exist.");
}

/// What B2 answers to a key that may not do this: a message would say too much.
inline tl::unexpected<Refusal> NotAllowed() { return Refuse(401, "unauthorized"); }

}  // namespace runner::testing::b2
