#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "targets/base/result.h"

// The primitives of restic's keys, by OpenSSL. Bytes are strings. Errors: OpenSSL refuses, or a key
// has the wrong length.
namespace runner {

/// From the system's generator for secrets.
targets::Result<std::string> RandomBytes(std::size_t count);

struct ScryptCost {
  unsigned n = 0;  // a power of two
  unsigned r = 0;
  unsigned p = 0;

  bool operator==(const ScryptCost&) const = default;
};
/// 64 bytes. Errors also: it would take more than 256 MiB.
targets::Result<std::string> Scrypt(std::string_view password, std::string_view salt,
                                    const ScryptCost& cost);

/// Encrypts and decrypts. `key`: 32 bytes, `nonce`: 16, the counter's first value.
targets::Result<std::string> AesCtr(std::string_view key, std::string_view nonce,
                                    std::string_view text);

/// The tag of Poly1305-AES, 16 bytes (D. J. Bernstein, "The Poly1305-AES message-authentication
/// code", 2005). `k`, `r`, `nonce`: 16 bytes each.
targets::Result<std::string> Poly1305Aes(std::string_view k, std::string_view r,
                                         std::string_view nonce, std::string_view message);

/// As hexadecimal digits.
targets::Result<std::string> Sha256Hex(std::string_view text);
targets::Result<std::string> Sha1Hex(std::string_view text);
std::string Hex(std::string_view bytes);

/// Takes the same time wherever they differ.
bool SameBytes(std::string_view one, std::string_view other);

/// With padding, in one line. Errors: something else.
targets::Result<std::string> FromBase64(std::string_view text);

}  // namespace runner
