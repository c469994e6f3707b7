#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <fmt/format.h>
#include <rapidjson/document.h>

#include "runner/keys/repository_files.h"
#include "runner/net/basic_authorization.h"
#include "runner/repository/snapshot_files.h"

namespace runner {
namespace {

constexpr std::string_view kScheme = "rest:";
constexpr int kOk = 200;

std::string Decoded(const std::string& text) {
  try {
    std::string decoded;
    Poco::URI::decode(text, decoded);
    return decoded;
  } catch (const Poco::Exception&) {
    return text;
  }
}

std::string Variable(const std::map<std::string, std::string>& environment,
                     const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Failure NotTaken(Cause cause, std::string reason) {
  return {cause, std::move(reason), "", std::nullopt};
}

}  // namespace

RestFiles::RestFiles(HttpTransport& transport, std::string url,
                     const std::map<std::string, std::string>& environment)
    : transport_(transport) {
  url.erase(0, kScheme.size());
  std::string user = Variable(environment, "RESTIC_REST_USERNAME");
  std::string password = Variable(environment, "RESTIC_REST_PASSWORD");
  const std::size_t begin = url.find("://") + 3;
  const std::size_t at = url.substr(0, url.find('/', begin)).rfind('@');
  if (at != std::string::npos && at >= begin) {
    const std::string told = url.substr(begin, at - begin);
    const std::size_t colon = told.find(':');
    user = Decoded(told.substr(0, colon));
    password = colon == std::string::npos ? std::string() : Decoded(told.substr(colon + 1));
    url.erase(begin, at + 1 - begin);
  }
  if (!user.empty()) authorization_ = BasicAuthorization(user + ":" + password);
  url_ = url + (url.ends_with('/') ? "" : "/");
}

Outcome<void> RestFiles::Put(const RepositoryFile& file, StopHandle& stop) {
  HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}{}/{}", url_, file.folder, file.name);
  request.headers["Content-Type"] = "application/octet-stream";
  if (!authorization_.empty()) request.headers["Authorization"] = authorization_;
  request.body = file.content;
  const HttpResult result = transport_.Send(request, [&] { return stop.Stopped(); });
  if (!result) return tl::unexpected(NotTaken(Cause::kNetwork, result.error().message));
  constexpr int kFirstOfRedirections = 300;
  if (result->status >= 200 && result->status < kFirstOfRedirections) return {};
  return tl::unexpected(
      NotTaken(Cause::kKeyRefused, fmt::format("the server does not take it: {}", result->status)));
}

/// The second version of the interface lists objects with a name each; a server that only knows the
/// first lists the names.
Outcome<std::set<targets::SnapshotId>> RestFiles::Snapshots(StopHandle& stop) {
  HttpRequest request;
  request.url = url_ + "snapshots/";
  request.headers["Accept"] = "application/vnd.x.restic.rest.v2";
  if (!authorization_.empty()) request.headers["Authorization"] = authorization_;
  const HttpResult result = transport_.Send(request, [&] { return stop.Stopped(); });
  if (!result) return tl::unexpected(NotTaken(Cause::kNetwork, result.error().message));
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(result->body.data(), result->body.size());
  if (result->status != kOk || document.HasParseError() || !document.IsArray()) {
    return tl::unexpected(NotTaken(
        Cause::kUnknown, fmt::format("the server lists no snapshots: {}", result->status)));
  }
  std::vector<std::string> names;
  for (const auto& file : document.GetArray()) {
    const bool has_name = file.IsObject() && file.HasMember("name");
    const rapidjson::Value& name = has_name ? file["name"] : file;
    if (name.IsString()) names.emplace_back(name.GetString(), name.GetStringLength());
  }
  return SnapshotIdsAmong(names);
}

}  // namespace runner
