#include "tests/integration/forged_repository.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace targets {
namespace {

using Text = std::string;  // bytes

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Raw(Text& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void Require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(fmt::format("forged repository: {} failed", what));
}

/// A key of restic: AES-256 for the content, `k` and `r` of Poly1305-AES for the tag.
struct Key {
  Text encrypt;  // 32 bytes
  Text k;        // 16 bytes
  Text r;        // 16 bytes
};

Text Cipher(const EVP_CIPHER* cipher, const Text& key, const Text& iv, std::string_view in) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Require(EVP_EncryptInit_ex(context.get(), cipher, nullptr, Raw(key),
                             iv.empty() ? nullptr : Raw(iv)) == 1,
          "cipher");
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  Text out(in.size(), '\0');
  int length = 0;
  Require(EVP_EncryptUpdate(context.get(), Raw(out), &length, Raw(in),
                            static_cast<int>(in.size())) == 1,
          "encryption");
  return out;
}

Text Poly1305(const Text& key, std::string_view message) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
      EVP_MAC_fetch(nullptr, "POLY1305", nullptr), &EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(mac.get()), &EVP_MAC_CTX_free);
  Text tag(16, '\0');
  std::size_t length = 0;
  Require(EVP_MAC_init(context.get(), Raw(key), key.size(), nullptr) == 1, "Poly1305");
  Require(EVP_MAC_update(context.get(), Raw(message), message.size()) == 1, "Poly1305");
  Require(EVP_MAC_final(context.get(), Raw(tag), &length, tag.size()) == 1, "Poly1305");
  return tag;
}

Text Sha256(std::string_view message) {
  Text digest(32, '\0');
  unsigned int length = 0;
  Require(
      EVP_Digest(message.data(), message.size(), Raw(digest), &length, EVP_sha256(), nullptr) == 1,
      "SHA-256");
  return digest;
}

Text Hex(std::string_view bytes) {
  Text out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

Text Base64(std::string_view bytes) {
  Text out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(Raw(out), Raw(bytes), static_cast<int>(bytes.size()));
  out.pop_back();
  return out;
}

/// Nonce, ciphertext, tag. The nonce follows from the content: the same repository every time.
Text Seal(const Key& key, std::string_view plain) {
  const Text nonce = Sha256(plain).substr(0, 16);
  const Text encrypted = Cipher(EVP_aes_256_ctr(), key.encrypt, nonce, plain);
  const Text pad = Cipher(EVP_aes_128_ecb(), key.k, "", nonce);
  return nonce + encrypted + Poly1305(key.r + pad, encrypted);
}

const Key& MasterKey() {
  static const Key key{Text(32, 'e'), Text(16, 'k'), Text(16, 1)};
  return key;
}

Key KeyOfPassword(std::string_view password, const Text& salt) {
  Text bytes(64, '\0');
  Require(EVP_PBE_scrypt(password.data(), password.size(), Raw(salt), salt.size(), 2, 1, 1, 0,
                         Raw(bytes), bytes.size()) == 1,
          "scrypt");
  return {bytes.substr(0, 32), bytes.substr(32, 16), bytes.substr(48, 16)};
}

Text KeyFile(std::string_view password) {
  const Text salt(64, 's');
  const Key& master = MasterKey();
  const Text plain = fmt::format(R"({{"mac":{{"k":"{}","r":"{}"}},"encrypt":"{}"}})",
                                 Base64(master.k), Base64(master.r), Base64(master.encrypt));
  return fmt::format(
      R"({{"created":"2020-01-01T00:00:00Z","username":"u","hostname":"h","kdf":"scrypt","N":2,"r":1,"p":1,)"
      R"("salt":"{}","data":"{}"}})",
      Base64(salt), Base64(Seal(KeyOfPassword(password, salt), plain)));
}

void WriteFile(const std::filesystem::path& path, const Text& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  Require(out.good(), "writing");
}

Text JsonStrings(const std::vector<std::string>& strings) {
  Text out;
  for (const std::string& each : strings) out += (out.empty() ? "\"" : ",\"") + each + "\"";
  return "[" + out + "]";
}

}  // namespace

ForgedRepository::ForgedRepository(std::string folder, const std::string& password)
    : folder_(std::move(folder)) {
  for (const char* part : {"data", "index", "keys", "locks", "snapshots"}) {
    std::filesystem::create_directories(folder_ + "/" + part);
  }
  const Text key = KeyFile(password);
  WriteFile(folder_ + "/keys/" + Hex(Sha256(key)), key);
  const Text config = fmt::format(
      R"({{"version":1,"id":"{}","chunker_polynomial":"3DA3358B4DC173"}})", Text(64, 'a'));
  WriteFile(folder_ + "/config", Seal(MasterKey(), config));
}

std::string ForgedRepository::Add(const ForgedSnapshot& snapshot) {
  Text json =
      fmt::format(R"({{"time":"{}","tree":"{}","paths":{},"hostname":"{}","username":"u")",
                  snapshot.time, Text(64, 'b'), JsonStrings(snapshot.paths), snapshot.hostname);
  if (!snapshot.tags.empty()) json += ",\"tags\":" + JsonStrings(snapshot.tags);
  const Text sealed = Seal(MasterKey(), json + "}");
  const Text id = Hex(Sha256(sealed));
  WriteFile(folder_ + "/snapshots/" + id, sealed);
  return id;
}

}  // namespace targets
