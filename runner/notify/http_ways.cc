#include "runner/notify/http_ways.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "runner/net/route.h"
#include "targets/base/text.h"
#include "targets/base/utf8.h"
#include "targets/config/message_template.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::Result;

constexpr const char* kJson = "application/json";
constexpr std::size_t kReplyLimit = 64 * 1024;
constexpr int kNtfyUsual = 3;
constexpr int kNtfyHigh = 4;
constexpr int kGotifyUsual = 4;
constexpr int kGotifyHigh = 8;

bool IsAlarm(const Message& message) {
  return message.kind == NewsKind::kFailure || message.kind == NewsKind::kReminder;
}

/// `path` behind the path of an address, in front of its query.
std::string WithPath(const std::string& url, std::string_view path) {
  const std::size_t query = std::min(url.find_first_of("?#"), url.size());
  std::string base = url.substr(0, query);
  while (base.ends_with('/')) base.pop_back();
  return base + std::string(path) + url.substr(query);
}

Result<HttpRequest> Request(std::string method, std::string url, std::string type,
                            std::string body) {
  if (const auto parsed = ParseHttpUrl(url); !parsed)
    return targets::FailWithContext("its url", parsed.error());
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Content-Type", std::move(type)}, {"User-Agent", "runner"}};
  request.body = std::move(body);
  request.reply_limit = kReplyLimit;
  return request;
}

/// A flat JSON object.
class JsonObject {
 public:
  JsonObject() : writer_(buffer_) { writer_.StartObject(); }

  JsonObject& Add(const char* name, std::string_view text) {
    const std::string clean = targets::Utf8(text);
    writer_.Key(name);
    writer_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
    return *this;
  }
  JsonObject& Add(const char* name, int number) {
    writer_.Key(name);
    writer_.Int(number);
    return *this;
  }
  std::string Text() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

/// RFC 2047 for what does not fit into a header as it is; ntfy understands it.
std::string HeaderText(std::string_view text) {
  const std::string line = targets::OneLine(text);
  const bool plain = std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
  if (plain) return line;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "=?UTF-8?Q?";
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    const bool keep = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (keep) {
      out += c;
    } else {
      out += '=';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out + "?=";
}

std::string_view PingPath(const Message& message) {
  if (!message.kind) return "/log";  // says nothing about how things are
  if (message.kind == NewsKind::kStart) return "/start";
  return IsAlarm(message) ? "/fail" : "";
}

std::string_view NtfyTag(const Message& message) {
  if (!message.kind) return "wave";
  return IsAlarm(message) ? "rotating_light" : "white_check_mark";
}

std::string OwnJson(const std::map<std::string, std::string>& values) {
  JsonObject object;
  for (const auto& [name, value] : values) object.Add(name.c_str(), value);
  return object.Text();
}

bool SaysJson(const HttpRequest& request) {
  const auto type = request.headers.find("Content-Type");
  return type != request.headers.end() && type->second.starts_with(kJson);
}

}  // namespace

std::map<std::string, std::string> TemplateValues(const std::string& instance,
                                                  const Message& message) {
  return {{"event", std::string(message.Event())},
          {"instance", instance},
          {"message", message.text},
          {"target", targets::Join(message.subjects, ", ")},
          {"time", targets::FormatRfc3339(message.time)},
          {"title", message.title}};
}

Result<HttpRequest> PingRequest(const WaySecrets& secrets, const std::string& instance,
                                const Message& message) {
  const std::string url = targets::FillTemplate(
      secrets.url.Expose(), TemplateValues(instance, message), targets::TemplateUse::kUrl);
  return Request("POST", WithPath(url, PingPath(message)), "text/plain; charset=utf-8",
                 message.title + "\n\n" + message.text);
}

Result<HttpRequest> NtfyRequest(const targets::NtfyWay& way, const WaySecrets& secrets,
                                const Message& message) {
  auto request = Request("POST", secrets.url.Expose(), "text/plain; charset=utf-8", message.text);
  if (!request) return request;
  const int alarm = way.priority.value_or(kNtfyHigh);
  std::vector<std::string> tags = {std::string(NtfyTag(message))};
  tags.insert(tags.end(), way.tags.begin(), way.tags.end());
  request->headers["Title"] = HeaderText(message.title);
  request->headers["Priority"] = std::to_string(IsAlarm(message) ? alarm : kNtfyUsual);
  request->headers["Tags"] = HeaderText(targets::Join(tags, ","));
  if (!secrets.token.Empty())
    request->headers["Authorization"] = "Bearer " + secrets.token.Expose();
  return request;
}

Result<HttpRequest> GotifyRequest(const targets::GotifyWay& way, const WaySecrets& secrets,
                                  const Message& message) {
  const int alarm = way.priority.value_or(kGotifyHigh);
  auto request = Request("POST", WithPath(secrets.url.Expose(), "/message"), kJson,
                         JsonObject()
                             .Add("title", message.title)
                             .Add("message", message.text)
                             .Add("priority", IsAlarm(message) ? alarm : kGotifyUsual)
                             .Text());
  if (request) request->headers["X-Gotify-Key"] = secrets.token.Expose();
  return request;
}

Result<HttpRequest> WebhookRequest(const targets::WebhookWay& way, const WaySecrets& secrets,
                                   const std::string& instance, const Message& message) {
  const auto values = TemplateValues(instance, message);
  std::string body = way.body.empty()
                         ? OwnJson(values)
                         : targets::FillTemplate(way.body, values, targets::TemplateUse::kJson);
  auto request = Request(way.method, secrets.url.Expose(), kJson, std::move(body));
  if (!request) return request;
  for (const auto& [name, value] : way.headers) {
    std::erase_if(request->headers, [&](const auto& known) {
      return std::ranges::equal(known.first, name, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
      });
    });
    request->headers[name == "content-type" ? "Content-Type" : name] = value;
  }
  if (!SaysJson(*request)) return request;
  rapidjson::Document parsed;
  parsed.Parse<rapidjson::kParseIterativeFlag>(request->body.data(), request->body.size());
  if (parsed.HasParseError())
    return targets::Fail("its template makes no JSON", "write the placeholders inside quotes");
  return request;
}

}  // namespace runner
