#pragma once

#include <string>
#include <string_view>

#include "targets/base/result.h"
#include "targets/base/secret.h"
#include "targets/base/time.h"

namespace runner {

/// The secret with which everything in a repository is encrypted. Each key of the repository is a
/// copy of it, sealed with a password. Base64, as restic writes it.
struct MasterKey {
  targets::Secret encrypt;  // of 32 bytes
  targets::Secret mac_k;    // of 16 bytes
  targets::Secret mac_r;    // of 16 bytes

  bool operator==(const MasterKey&) const = default;
};

/// What `restic cat masterkey` prints. Errors never quote it.
targets::Result<MasterKey> ParseMasterKey(std::string_view json);

/// What a key says of itself without being opened.
struct KeyLabel {
  std::string user = {};
  std::string host = {};
  targets::UnixTime created{};
};

/// What must never be used twice.
struct KeyRandom {
  std::string salt;   // 64 bytes
  std::string nonce;  // 16 bytes
};
targets::Result<KeyRandom> DrawKeyRandom();

/// A file of the folder `keys` of a repository.
struct KeyFile {
  std::string id;  // its name: the SHA-256 of its content
  std::string content;

  bool operator==(const KeyFile&) const = default;
};

/// 256 random bits as 64 hexadecimal digits: a password that needs no stretching.
targets::Result<targets::Secret> DrawPassword();

/// A key of the least scrypt cost that restic takes (N=2, r=1, p=1). REQUIRES: `password` is of
/// DrawPassword(); one that a person thought up could be guessed. The format is that of restic's
/// design document, "Keys, Encryption and MAC".
targets::Result<KeyFile> SealMasterKey(const MasterKey& master, const targets::Secret& password,
                                       const KeyLabel& label, const KeyRandom& random);

/// Any key of restic, ours or not. Errors: no key, a wrong password, a cost beyond all reason.
targets::Result<MasterKey> OpenKeyFile(std::string_view content, const targets::Secret& password);

}  // namespace runner
