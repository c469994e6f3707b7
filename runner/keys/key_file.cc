#include "runner/keys/key_file.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/keys/crypto.h"
#include "runner/net/basic_authorization.h"

namespace runner {
namespace {

using rapidjson::Value;
using targets::Fail;
using targets::Result;
using targets::Secret;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kSaltSize = 64;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kEncryptSize = 32;
constexpr std::size_t kPasswordSize = 32;
constexpr std::size_t kLargest = 64 * 1024;
constexpr unsigned kMostOfOneCost = 1U << 20;
constexpr ScryptCost kLeastCost{2, 1, 1};

/// What a password is made into.
struct DerivedKey {
  std::string encrypt;
  std::string mac_k;
  std::string mac_r;
};

Result<DerivedKey> Derive(const Secret& password, std::string_view salt, const ScryptCost& cost) {
  const auto bytes = Scrypt(password.Expose(), salt, cost);
  if (!bytes) return Fail(bytes.error());
  return DerivedKey{bytes->substr(0, kEncryptSize), bytes->substr(kEncryptSize, kBlock),
                    bytes->substr(kEncryptSize + kBlock, kBlock)};
}

/// Nonce, encrypted text, tag.
Result<std::string> Seal(const DerivedKey& key, const std::string& nonce, std::string_view plain) {
  const auto encrypted = AesCtr(key.encrypt, nonce, plain);
  if (!encrypted) return encrypted;
  const auto tag = Poly1305Aes(key.mac_k, key.mac_r, nonce, *encrypted);
  if (!tag) return tag;
  return nonce + *encrypted + *tag;
}

Result<std::string> Unseal(const DerivedKey& key, std::string_view sealed) {
  if (sealed.size() < 2 * kBlock) return Fail("the key is cut off");
  const std::string_view nonce = sealed.substr(0, kBlock);
  const std::string_view encrypted = sealed.substr(kBlock, sealed.size() - 2 * kBlock);
  const auto tag = Poly1305Aes(key.mac_k, key.mac_r, nonce, encrypted);
  if (!tag) return tag;
  if (!SameBytes(*tag, sealed.substr(sealed.size() - kBlock)))
    return Fail("the password is wrong, or the key is damaged");
  return AesCtr(key.encrypt, nonce, encrypted);
}

std::string_view TextOf(const Value& object, const char* name) {
  if (!object.IsObject()) return {};
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

unsigned NumberOf(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsUint()) return 0;
  return found->value.GetUint();
}

bool IsBase64Of(std::string_view text, std::size_t size) {
  const auto bytes = FromBase64(text);
  return bytes && bytes->size() == size;
}

void Put(Writer& json, const char* key, std::string_view text) {
  json.Key(key);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::string ToJson(const MasterKey& master) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  json.Key("mac");
  json.StartObject();
  Put(json, "k", master.mac_k.Expose());
  Put(json, "r", master.mac_r.Expose());
  json.EndObject();
  Put(json, "encrypt", master.encrypt.Expose());
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ToJson(const KeyLabel& label, const std::string& salt, const std::string& data) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  Put(json, "created", targets::FormatRfc3339(label.created));
  Put(json, "username", label.user);
  Put(json, "hostname", label.host);
  Put(json, "kdf", "scrypt");
  json.Key("N");
  json.Uint(kLeastCost.n);
  json.Key("r");
  json.Uint(kLeastCost.r);
  json.Key("p");
  json.Uint(kLeastCost.p);
  Put(json, "salt", Base64(salt));
  Put(json, "data", Base64(data));
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

Result<MasterKey> ParseMasterKey(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject() || !document.HasMember("mac"))
    return Fail("the master key is not understood");
  const Value& mac = document["mac"];
  const std::string_view encrypt = TextOf(document, "encrypt");
  const std::string_view k = TextOf(mac, "k");
  const std::string_view r = TextOf(mac, "r");
  if (!IsBase64Of(encrypt, kEncryptSize) || !IsBase64Of(k, kBlock) || !IsBase64Of(r, kBlock))
    return Fail("the master key has parts of the wrong length");
  return MasterKey{Secret(std::string(encrypt)), Secret(std::string(k)), Secret(std::string(r))};
}

Result<KeyRandom> DrawKeyRandom() {
  auto salt = RandomBytes(kSaltSize);
  if (!salt) return Fail(salt.error());
  auto nonce = RandomBytes(kBlock);
  if (!nonce) return Fail(nonce.error());
  return KeyRandom{*std::move(salt), *std::move(nonce)};
}

Result<Secret> DrawPassword() {
  const auto bytes = RandomBytes(kPasswordSize);
  if (!bytes) return Fail(bytes.error());
  return Secret(Hex(*bytes));
}

Result<KeyFile> SealMasterKey(const MasterKey& master, const Secret& password,
                              const KeyLabel& label, const KeyRandom& random) {
  const auto key = Derive(password, random.salt, kLeastCost);
  if (!key) return Fail(key.error());
  const auto sealed = Seal(*key, random.nonce, ToJson(master));
  if (!sealed) return Fail(sealed.error());
  std::string content = ToJson(label, random.salt, *sealed);
  auto id = Sha256Hex(content);
  if (!id) return Fail(id.error());
  return KeyFile{*std::move(id), std::move(content)};
}

Result<MasterKey> OpenKeyFile(std::string_view content, const Secret& password) {
  rapidjson::Document document;
  if (content.size() > kLargest) return Fail("the key is too large to be one");
  document.Parse<rapidjson::kParseIterativeFlag>(content.data(), content.size());
  if (document.HasParseError() || !document.IsObject()) return Fail("the key is no JSON object");
  const std::string_view kdf = TextOf(document, "kdf");
  if (kdf != "scrypt") return Fail(fmt::format("the key is not of scrypt but of \"{}\"", kdf));
  const ScryptCost cost{NumberOf(document, "N"), NumberOf(document, "r"), NumberOf(document, "p")};
  if (cost.n > kMostOfOneCost || cost.r > kMostOfOneCost || cost.p > kMostOfOneCost ||
      std::uint64_t{cost.n} * cost.r * cost.p > kMostOfOneCost * std::uint64_t{8}) {
    return Fail("the key costs more to derive than any that restic makes");
  }
  const auto salt = FromBase64(TextOf(document, "salt"));
  if (!salt || salt->empty()) return Fail("the key has no salt");
  const auto data = FromBase64(TextOf(document, "data"));
  if (!data) return Fail("the key has no content");
  const auto derived = Derive(password, *salt, cost);
  if (!derived) return Fail(derived.error());
  const auto plain = Unseal(*derived, *data);
  if (!plain) return Fail(plain.error());
  return ParseMasterKey(*plain);
}

}  // namespace runner
