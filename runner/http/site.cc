#include "runner/http/site.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <functional>

#include "runner/health/render.h"
#include "runner/http/api.h"

namespace runner {
namespace {

constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

void Secure(Response& response) {
  response.headers.insert(response.headers.end(), {{"Content-Security-Policy", kPolicy},
                                                   {"X-Content-Type-Options", "nosniff"},
                                                   {"Referrer-Policy", "no-referrer"},
                                                   {"Cross-Origin-Resource-Policy", "same-origin"},
                                                   {"Cross-Origin-Opener-Policy", "same-origin"},
                                                   {"Cache-Control", "no-store"}});
}

/// Differs whenever the overview says something else than that time went by.
std::string VersionOf(const StatusReport& report) {
  std::string all = report.summary;
  for (const auto* subjects : {&report.targets, &report.repository}) {
    for (const SubjectStatus& subject : *subjects) {
      const auto success = subject.last_success.value_or(targets::UnixTime{});
      all += fmt::format("|{}{}{}{}", subject.name, StatusWordName(subject.word),
                         targets::ToUnixSeconds(success), subject.problems.size());
    }
  }
  return fmt::format("{:x}", std::hash<std::string>{}(all));
}

}  // namespace

Response TextResponse(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text)};
}

Response Site::Answer(const Request& request) {
  const auto installed = lookout_.InForce();
  Response response;
  if (HostIsOurs(request.host, installed->config.server.hosts)) {
    response = Route(request);
  } else {
    response = TextResponse(421, "This name is not known here: add it to server.hosts.\n");
  }
  Secure(response);
  return response;
}

Response Site::Route(const Request& request) {
  if (request.method == Method::kPost) return TextResponse(405, "Nothing can be done here.\n");
  if (auto asset = Asset(request.path)) return *std::move(asset);
  if (request.path == "/healthz") return Healthz();
  if (request.path == "/readyz") return Readyz();
  if (request.path == "/events") return {.type = "text/event-stream", .stream = true};
  Response response =
      request.path.starts_with("/api/") ? AnswerApi(lookout_, request) : Page(request);
  response.body = lookout_.redactor().Redact(response.body);
  return response;
}

Response Site::Page(const Request& request) {
  if (request.path == "/") return Overview();
  return Wrap("Not found", request.path,
              MessageContent("Not found", "There is no page of this name."), 404);
}

Response Site::Wrap(const std::string& title, const std::string& here, const Html& content,
                    int status) {
  return {
      .status = status,
      .body = PageOf(title, here, content, lookout_.InForce()->config.instance.str(), Viewer{})};
}

Response Site::Failure(const targets::Error& error) {
  return Wrap("Error", "", MessageContent("This cannot be shown", error.message), 500);
}

Response Site::Overview() {
  const auto look = lookout_.Now();
  if (!look) return Failure(look.error());
  return Wrap("Overview", "/", OverviewContent(**look, Viewer{}));
}

Response Site::Healthz() {
  const HealthReport report = lookout_.Live();
  return TextResponse(report.Healthy() ? 200 : 503, HealthSummary(report) + "\n");
}

Response Site::Readyz() {
  const auto look = lookout_.Now();
  if (!look) return TextResponse(503, look.error().message + "\n");
  const StatusReport& report = (*look)->report;
  const auto offset = (*look)->status.zone.OffsetAt(report.time);
  return TextResponse(report.healthy ? 200 : 503,
                      RenderHealthText(JudgeHealth((*look)->status), offset));
}

std::string Site::Event() {
  const auto look = lookout_.Now();
  if (!look) return {};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("version");
  json.String(VersionOf((*look)->report));
  json.Key("running");
  json.String(lookout_.redactor().Redact(RunningList((*look)->report).str()));
  json.EndObject();
  return fmt::format("event: look\ndata: {}\n\n", buffer.GetString());
}

}  // namespace runner
