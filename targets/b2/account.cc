#include "targets/b2/account.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <limits>

#include "targets/base/text.h"

namespace targets {
namespace {

using rapidjson::Value;

/// Reads members of one object; the first thing that is wrong is kept as the error.
class Members {
 public:
  Members(const Value& object, std::string where, std::optional<Error>& error)
      : object_(object), where_(std::move(where)), error_(error) {
    if (!object_.IsObject() && !error_) error_ = Error{fmt::format("{} is no object", Name(""))};
  }

  /// Null counts as absent.
  [[nodiscard]] const Value* Find(const char* name) const {
    if (!object_.IsObject()) return nullptr;
    const auto found = object_.FindMember(name);
    return found == object_.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  }
  [[nodiscard]] std::string Optional(const char* name) const {
    const Value* value = Find(name);
    if (value == nullptr) return {};
    if (value->IsString()) return {value->GetString(), value->GetStringLength()};
    Complain(name);
    return {};
  }
  [[nodiscard]] std::string Text(const char* name) const {
    std::string text = Optional(name);
    if (text.empty()) Complain(name);
    return text;
  }
  [[nodiscard]] std::optional<int> Days(const char* name) const {
    const Value* value = Find(name);
    if (value == nullptr) return std::nullopt;
    if (value->IsInt() && value->GetInt() >= 0) return value->GetInt();
    Complain(name);
    return std::nullopt;
  }
  /// Calls `read(element)` for each element of a list; an absent one is empty.
  template <typename Read>
  void ForEach(const char* name, const Read& read) const {
    const Value* value = Find(name);
    if (value == nullptr) return;
    if (!value->IsArray()) return Complain(name);
    for (const Value& element : value->GetArray()) read(element);
  }
  [[nodiscard]] Members Object(const char* name) const {
    static const Value kNothing;
    const Value* value = Find(name);
    return {value == nullptr ? kNothing : *value, Name(name), error_};
  }
  [[nodiscard]] Members Element(const char* name, const Value& value) const {
    return {value, Name(name), error_};
  }
  void Complain(const char* name) const {
    if (!error_) error_ = Error{fmt::format("{} is missing or wrong", Name(name))};
  }

 private:
  [[nodiscard]] std::string Name(const std::string& name) const {
    if (where_.empty()) return name.empty() ? "the reply" : name;
    return name.empty() ? where_ : where_ + "." + name;
  }

  const Value& object_;
  std::string where_;
  std::optional<Error>& error_;
};

/// Iterative: a deeply nested text cannot exhaust the stack.
rapidjson::Document Parse(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError()) document.SetNull();
  return document;
}

std::set<std::string> Capabilities(const Members& key) {
  std::set<std::string> capabilities;
  if (key.Find("capabilities") == nullptr) key.Complain("capabilities");
  key.ForEach("capabilities", [&](const Value& value) {
    if (!value.IsString()) return key.Complain("capabilities");
    capabilities.insert({value.GetString(), value.GetStringLength()});
  });
  return capabilities;
}

/// Version 4: a list, or null for every bucket.
std::optional<std::vector<B2KeyBucket>> BucketList(const Members& allowed) {
  if (allowed.Find("buckets") == nullptr) return std::nullopt;
  std::vector<B2KeyBucket> buckets;
  allowed.ForEach("buckets", [&](const Value& value) {
    const Members bucket = allowed.Element("buckets", value);
    buckets.push_back({bucket.Text("id"), bucket.Optional("name")});
  });
  return buckets;
}

/// Version 3: one bucket, or null.
std::optional<std::vector<B2KeyBucket>> OneBucket(const Members& storage) {
  std::string id = storage.Optional("bucketId");
  if (id.empty()) return std::nullopt;
  return std::vector<B2KeyBucket>{{std::move(id), storage.Optional("bucketName")}};
}

std::optional<UnixTime> Expiry(const Members& reply) {
  constexpr const char* kName = "applicationKeyExpirationTimestamp";
  const Value* value = reply.Find(kName);
  if (value == nullptr) return std::nullopt;
  constexpr std::int64_t kMilliseconds = 1000;
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  if (!value->IsInt64() || value->GetInt64() < 0) {
    reply.Complain(kName);
    return std::nullopt;
  }
  return FromUnixSeconds(std::min(value->GetInt64() / kMilliseconds, kYear9999));
}

B2LifecycleRule DecodeRule(const Members& rule) {
  return {rule.Optional("fileNamePrefix"), rule.Days("daysFromUploadingToHiding"),
          rule.Days("daysFromHidingToDeleting")};
}

B2Bucket DecodeBucket(const Members& bucket) {
  B2Bucket decoded{.name = bucket.Text("bucketName"), .type = bucket.Text("bucketType")};
  decoded.id = bucket.Optional("bucketId");
  bucket.ForEach("lifecycleRules", [&](const Value& value) {
    decoded.rules.push_back(DecodeRule(bucket.Element("lifecycleRules", value)));
  });
  return decoded;
}

}  // namespace

Result<B2Account> DecodeB2Account(std::string_view json) {
  const rapidjson::Document document = Parse(json);
  std::optional<Error> error;
  const Members reply(document, "", error);
  const Members storage = reply.Object("apiInfo").Object("storageApi");
  const bool has_allowed = storage.Find("allowed") != nullptr;
  const Members key = has_allowed ? storage.Object("allowed") : storage;
  B2Account account{.version = has_allowed ? 4 : 3, .account_id = reply.Text("accountId")};
  account.token = Secret(reply.Text("authorizationToken"));
  account.expires = Expiry(reply);
  account.api_url = storage.Text("apiUrl");
  account.s3_api_url = storage.Optional("s3ApiUrl");
  account.capabilities = Capabilities(key);
  account.name_prefix = key.Optional("namePrefix");
  account.buckets = has_allowed ? BucketList(key) : OneBucket(key);
  if (error) return Fail(*error);
  return account;
}

Result<std::vector<B2Bucket>> DecodeB2Buckets(std::string_view json) {
  const rapidjson::Document document = Parse(json);
  std::optional<Error> error;
  const Members reply(document, "", error);
  if (reply.Find("buckets") == nullptr) reply.Complain("buckets");
  std::vector<B2Bucket> buckets;
  reply.ForEach("buckets", [&](const Value& value) {
    buckets.push_back(DecodeBucket(reply.Element("buckets", value)));
  });
  if (error) return Fail(*error);
  return buckets;
}

Result<B2FileNames> DecodeB2FileNames(std::string_view json) {
  const rapidjson::Document document = Parse(json);
  std::optional<Error> error;
  const Members reply(document, "", error);
  if (reply.Find("files") == nullptr) reply.Complain("files");
  B2FileNames page{{}, reply.Optional("nextFileName")};
  reply.ForEach("files", [&](const Value& value) {
    page.names.push_back(reply.Element("files", value).Text("fileName"));
  });
  if (error) return Fail(*error);
  return page;
}

B2ErrorReply DecodeB2Error(std::string_view json) {
  const rapidjson::Document document = Parse(json);
  std::optional<Error> ignored;
  const Members reply(document, "", ignored);
  constexpr std::size_t kLimit = 200;
  return {OneLine(reply.Optional("code"), kLimit), OneLine(reply.Optional("message"), kLimit)};
}

}  // namespace targets
