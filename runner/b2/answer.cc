#include "runner/b2/answer.h"

#include <Poco/SHA2Engine.h>
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace runner {
namespace {

using rapidjson::Value;
using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

constexpr int kVersion = 1;
constexpr std::uint32_t kMode = 0600;

void Put(Writer& json, const char* key, const std::string& text) {
  json.Key(key);
  json.String(text);
}
void Put(Writer& json, const char* key, const std::optional<targets::UnixTime>& time) {
  if (time) Put(json, key, targets::FormatRfc3339(*time));
}
void Put(Writer& json, const char* key, const std::optional<int>& number) {
  if (!number) return;
  json.Key(key);
  json.Int(*number);
}

void PutAccount(Writer& json, const targets::B2Account& account) {
  Put(json, "account_id", account.account_id);
  Put(json, "interface", std::optional(account.version));
  Put(json, "api_url", account.api_url);
  Put(json, "s3_api_url", account.s3_api_url);
  Put(json, "name_prefix", account.name_prefix);
  Put(json, "expires", account.expires);
  json.Key("capabilities");
  json.StartArray();
  for (const std::string& capability : account.capabilities) json.String(capability);
  json.EndArray();
  if (!account.buckets) return;
  json.Key("key_buckets");
  json.StartArray();
  for (const targets::B2KeyBucket& bucket : *account.buckets) {
    json.StartObject();
    Put(json, "id", bucket.id);
    Put(json, "name", bucket.name);
    json.EndObject();
  }
  json.EndArray();
}

void PutBucket(Writer& json, const targets::B2Bucket& bucket) {
  json.StartObject();
  Put(json, "name", bucket.name);
  Put(json, "type", bucket.type);
  json.Key("rules");
  json.StartArray();
  for (const targets::B2LifecycleRule& rule : bucket.rules) {
    json.StartObject();
    Put(json, "prefix", rule.prefix);
    Put(json, "days_to_hiding", rule.days_to_hiding);
    Put(json, "days_to_deleting", rule.days_to_deleting);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

/// Reads members of one object. What is wrong makes the whole file useless, which is no loss.
class Reader {
 public:
  Reader(const Value& object, bool& good) : object_(object), good_(good) {
    if (!object_.IsObject()) good_ = false;
  }

  [[nodiscard]] std::string Text(const char* name) const {
    const Value* value = Find(name);
    if (value == nullptr || !value->IsString()) {
      good_ = false;
      return {};
    }
    return {value->GetString(), value->GetStringLength()};
  }
  [[nodiscard]] std::optional<targets::UnixTime> Time(const char* name) const {
    if (Find(name) == nullptr) return std::nullopt;
    const auto time = targets::ParseRfc3339(Text(name));
    if (time) return *time;
    good_ = false;
    return std::nullopt;
  }
  [[nodiscard]] std::optional<int> Number(const char* name) const {
    const Value* value = Find(name);
    if (value == nullptr) return std::nullopt;
    if (value->IsInt() && value->GetInt() >= 0) return value->GetInt();
    good_ = false;
    return std::nullopt;
  }
  [[nodiscard]] bool Has(const char* name) const { return Find(name) != nullptr; }
  template <typename Read>
  void ForEach(const char* name, const Read& read) const {
    const Value* value = Find(name);
    if (value == nullptr || !value->IsArray()) {
      good_ = false;
      return;
    }
    for (const Value& element : value->GetArray()) read(element);
  }
  [[nodiscard]] Reader Element(const Value& value) const { return {value, good_}; }
  void Spoil() const { good_ = false; }

 private:
  [[nodiscard]] const Value* Find(const char* name) const {
    if (!object_.IsObject()) return nullptr;
    const auto found = object_.FindMember(name);
    return found == object_.MemberEnd() ? nullptr : &found->value;
  }

  const Value& object_;
  bool& good_;
};

targets::B2Account ReadAccount(const Reader& reader) {
  targets::B2Account account;
  account.version = reader.Number("interface").value_or(0);
  account.account_id = reader.Text("account_id");
  account.api_url = reader.Text("api_url");
  account.s3_api_url = reader.Text("s3_api_url");
  account.name_prefix = reader.Text("name_prefix");
  account.expires = reader.Time("expires");
  reader.ForEach("capabilities", [&](const Value& value) {
    if (!value.IsString()) return reader.Spoil();
    account.capabilities.insert({value.GetString(), value.GetStringLength()});
  });
  if (!reader.Has("key_buckets")) return account;
  account.buckets.emplace();
  reader.ForEach("key_buckets", [&](const Value& value) {
    const Reader bucket = reader.Element(value);
    account.buckets->push_back({bucket.Text("id"), bucket.Text("name")});
  });
  return account;
}

targets::B2Bucket ReadBucket(const Reader& reader) {
  targets::B2Bucket bucket{reader.Text("name"), reader.Text("type"), {}};
  reader.ForEach("rules", [&](const Value& value) {
    const Reader rule = reader.Element(value);
    bucket.rules.push_back(
        {rule.Text("prefix"), rule.Number("days_to_hiding"), rule.Number("days_to_deleting")});
  });
  return bucket;
}

}  // namespace

std::string KeyMark(const std::string& key_id) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(key_id);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string ToJson(const B2Answer& answer) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.SetIndent(' ', 2);
  json.StartObject();
  Put(json, "version", std::optional(kVersion));
  Put(json, "key", answer.key);
  Put(json, "url", answer.url);
  Put(json, "asked", std::optional(answer.asked));
  PutAccount(json, answer.account);
  Put(json, "listed", answer.listed);
  json.Key("buckets");
  json.StartArray();
  for (const targets::B2Bucket& bucket : answer.buckets) PutBucket(json, bucket);
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

targets::Result<B2Answer> B2AnswerFromJson(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError()) return targets::Fail("it is no JSON");
  bool good = true;
  const Reader reader(document, good);
  if (reader.Number("version").value_or(0) != kVersion)
    return targets::Fail("it is of another version");
  B2Answer answer{reader.Text("key"), reader.Text("url"), {}, {}, {}, {}};
  if (const auto asked = reader.Time("asked")) {
    answer.asked = *asked;
  } else {
    reader.Spoil();
  }
  answer.account = ReadAccount(reader);
  answer.listed = reader.Time("listed");
  reader.ForEach("buckets", [&](const Value& value) {
    answer.buckets.push_back(ReadBucket(reader.Element(value)));
  });
  if (!good) return targets::Fail("a member is missing or wrong");
  return answer;
}

std::optional<B2Answer> B2AnswerStore::Read() const {
  const auto text = files_.Read(path_, kSmallFileLimit);
  if (!text || !text->has_value()) return std::nullopt;
  auto answer = B2AnswerFromJson(**text);
  if (!answer) return std::nullopt;
  return *std::move(answer);
}

targets::Status B2AnswerStore::Write(const B2Answer& answer) const {
  return files_.WriteDurably(path_, ToJson(answer), kMode);
}

}  // namespace runner
