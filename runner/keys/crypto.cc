#include "runner/keys/crypto.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits>
#include <memory>

namespace runner {
namespace {

using targets::Fail;
using targets::Result;

constexpr std::size_t kBlock = 16;
constexpr std::size_t kDerived = 64;
constexpr std::uint64_t kMostMemory = std::uint64_t{256} << 20;

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

auto Refused(std::string_view what) { return Fail(fmt::format("OpenSSL refuses: {}", what)); }

/// Without padding. An empty `iv`: the cipher has none.
Result<std::string> Cipher(const EVP_CIPHER* cipher, std::string_view key, std::string_view iv,
                           std::string_view text) {
  if (key.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)) ||
      iv.size() != static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher)) ||
      text.size() > std::numeric_limits<int>::max()) {
    return Refused("a key of the wrong length");
  }
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string out(text.size(), '\0');
  int length = 0;
  const bool done = context != nullptr &&
                    EVP_EncryptInit_ex(context.get(), cipher, nullptr, Raw(key),
                                       iv.empty() ? nullptr : Raw(iv)) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_EncryptUpdate(context.get(), Raw(out), &length, Raw(text),
                                      static_cast<int>(text.size())) == 1;
  if (!done || static_cast<std::size_t>(length) != text.size()) return Refused("AES");
  return out;
}

Result<std::string> Digest(const EVP_MD* algorithm, std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), Raw(digest), &length, algorithm, nullptr) != 1)
    return Refused("a digest");
  digest.resize(length);
  return Hex(digest);
}

}  // namespace

Result<std::string> RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_priv_bytes(Raw(bytes), static_cast<int>(count)) != 1) return Refused("random bytes");
  return bytes;
}

Result<std::string> Scrypt(std::string_view password, std::string_view salt,
                           const ScryptCost& cost) {
  std::string bytes(kDerived, '\0');
  if (EVP_PBE_scrypt(password.data(), password.size(), Raw(salt), salt.size(), cost.n, cost.r,
                     cost.p, kMostMemory, Raw(bytes), bytes.size()) != 1) {
    return Refused("scrypt");
  }
  return bytes;
}

Result<std::string> AesCtr(std::string_view key, std::string_view nonce, std::string_view text) {
  return Cipher(EVP_aes_256_ctr(), key, nonce, text);
}

Result<std::string> Poly1305Aes(std::string_view k, std::string_view r, std::string_view nonce,
                                std::string_view message) {
  if (r.size() != kBlock || nonce.size() != kBlock) return Refused("a key of the wrong length");
  const auto pad = Cipher(EVP_aes_128_ecb(), k, "", nonce);
  if (!pad) return pad;
  const std::string key = std::string(r) + *pad;
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
      EVP_MAC_fetch(nullptr, "POLY1305", nullptr), &EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac.get()), &EVP_MAC_CTX_free);
  std::string tag(kBlock, '\0');
  std::size_t length = 0;
  const bool done = context != nullptr &&
                    EVP_MAC_init(context.get(), Raw(key), key.size(), nullptr) == 1 &&
                    EVP_MAC_update(context.get(), Raw(message), message.size()) == 1 &&
                    EVP_MAC_final(context.get(), Raw(tag), &length, tag.size()) == 1;
  if (!done || length != kBlock) return Refused("Poly1305");
  return tag;
}

Result<std::string> Sha256Hex(std::string_view text) { return Digest(EVP_sha256(), text); }

Result<std::string> Sha1Hex(std::string_view text) { return Digest(EVP_sha1(), text); }

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

bool SameBytes(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

Result<std::string> FromBase64(std::string_view text) {
  const auto refused = [] { return Fail("it is no Base64"); };
  if (text.size() % 4 != 0 || text.size() > std::numeric_limits<int>::max()) return refused();
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  // OpenSSL takes spaces and line ends around it.
  if (text.substr(0, text.size() - padding)
          .find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
      std::string_view::npos) {
    return refused();
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(Raw(bytes), Raw(text), static_cast<int>(text.size()));
  if (length < 0 || static_cast<std::size_t>(length) != bytes.size()) return refused();
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace runner
