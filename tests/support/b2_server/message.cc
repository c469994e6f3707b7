#include "tests/support/b2_server/message.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <strings.h>

#include <array>
#include <cctype>

namespace runner::testing::b2 {

bool IgnoringCase::operator()(const std::string& left, const std::string& right) const {
  return strcasecmp(left.c_str(), right.c_str()) < 0;
}

std::string Request::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Reply JsonReply(int status, std::string json) {
  const std::size_t length = json.size();
  return {.status = status,
          .body = std::make_shared<const std::string>(std::move(json)),
          .length = length};
}

Target TargetOf(const std::string& path) {
  constexpr std::string_view kFile = "/file/";
  constexpr std::string_view kApi = "/b2api/v";
  if (path.starts_with(kFile))
    return {.api = "b2_download_file_by_name", .rest = path.substr(kFile.size())};
  if (!path.starts_with(kApi) || path.size() < kApi.size() + 2 || path[kApi.size() + 1] != '/')
    return {};
  const std::size_t name = kApi.size() + 2;
  const std::size_t end = path.find('/', name);
  return {.api = path.substr(name, end == std::string::npos ? end : end - name),
          .version = path[kApi.size()] - '0',
          .rest = end == std::string::npos ? "" : path.substr(end + 1)};
}

std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
        std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0) {
      decoded += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 &&
        (std::isalnum(byte) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

std::string Sha1Hex(std::string_view bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string Base64Decode(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0) return "";
  std::string decoded(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return "";
  while (!decoded.empty() && decoded.back() == '\0') decoded.pop_back();
  return decoded;
}

}  // namespace runner::testing::b2
