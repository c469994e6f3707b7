#include "runner/http/api.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>

#include "runner/health/render.h"
#include "runner/history/render.h"
#include "runner/history/since.h"
#include "runner/status/render.h"
#include "targets/base/text.h"
#include "targets/base/utf8.h"
#include "targets/plan/render.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;

constexpr std::size_t kMostRuns = 1000;
constexpr targets::Duration kLongestHorizon{std::chrono::days{92}};

Response Json(std::string body) { return {.type = "application/json", .body = std::move(body)}; }

std::optional<std::string> Parameter(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::nullopt : std::optional(found->second);
}

Result<HistoryQuery> HistoryQueryOf(const Look& look, const Request& request) {
  HistoryQuery query;
  if (const auto target = Parameter(request, "target")) query.target = targets::TargetId(*target);
  if (const auto name = Parameter(request, "stage")) {
    query.stage = targets::StageFromName(*name);
    if (!query.stage)
      return Fail("stage: there is none of that name", "backup, restore, forget, drill, ...");
  }
  if (const auto text = Parameter(request, "since")) {
    const auto since = ParseSince(*text, look.report.time, look.status.zone);
    if (!since) return targets::FailWithContext("since", since.error());
    query.since = *since;
  }
  if (const auto text = Parameter(request, "limit")) {
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), query.limit);
    const bool whole = error == std::errc{} && end == text->data() + text->size();
    if (!whole || query.limit == 0 || query.limit > kMostRuns)
      return Fail("limit: this is no number from 1 to 1000");
  }
  return query;
}

Response History(Lookout& lookout, const Look& look, const Request& request) {
  const auto query = HistoryQueryOf(look, request);
  if (!query) return JsonError(400, query.error());
  const auto page = lookout.history().Select(*query);
  return page ? Json(RenderHistoryJson(*page)) : JsonError(500, page.error());
}

/// What `runner plan --offline --json --horizon` prints.
Response Plan(Lookout& lookout, const Look& look, const Request& request) {
  targets::PlanInput input{look.installed->config};
  input.at = look.report.time;
  input.offline = true;
  input.diagnostics = look.installed->warnings;
  if (const auto text = Parameter(request, "horizon")) {
    const auto horizon = targets::ParseDuration(*text);
    if (!horizon) return JsonError(400, horizon.error());
    if (*horizon > kLongestHorizon) return JsonError(400, {"horizon: longer than 92d"});
    input.horizon = *horizon;
  }
  const auto plan = targets::MakePlan(input);
  if (!plan) return JsonError(400, plan.error());
  return Json(targets::RenderJson(*plan, lookout.redactor()));
}

Response NotFound() {
  return JsonError(404,
                   {"there is nothing at this path", "/api/v1/openapi.json says what there is"});
}

Response Taken(const std::string& what) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("version");
  json.Int(1);
  json.Key("taken");
  json.String(targets::Utf8(what));
  json.EndObject();
  Response response = Json(std::string(buffer.GetString(), buffer.GetSize()) + "\n");
  response.status = 202;
  return response;
}

Response Action(const Site::Tools& tools, const Request& request) {
  constexpr std::string_view kActions = "/api/v1/actions/";
  if (!request.path.starts_with(kActions)) return NotFound();
  switch (tools.door.Try(request.authorization)) {
    case Doorkeeper::Answer::kNoToken:
      return JsonError(403, {"nobody may act here", "set server.token_file"});
    case Doorkeeper::Answer::kTooMany:
      return JsonError(429, {"there were too many wrong tokens", "wait a minute"});
    case Doorkeeper::Answer::kWrong:
      return JsonError(401, {"this is not the token", "send Authorization: Bearer TOKEN"});
    case Doorkeeper::Answer::kRight:
      break;
  }
  const auto form = ParseForm(request.body);
  if (!form) return JsonError(400, {"the form is malformed"});
  const auto done = Act(request.path.substr(kActions.size()), *form,
                        tools.lookout.InForce()->config, tools.actions);
  return done ? Taken(*done) : JsonError(400, done.error());
}

}  // namespace

Response JsonError(int status, const targets::Error& error) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("version");
  json.Int(1);
  json.Key("error");
  json.String(targets::Utf8(error.message));
  if (!error.hint.empty()) {
    json.Key("hint");
    json.String(targets::Utf8(error.hint));
  }
  json.EndObject();
  Response response = Json(std::string(buffer.GetString(), buffer.GetSize()) + "\n");
  response.status = status;
  return response;
}

Response AnswerApi(const Site::Tools& tools, const Request& request) {
  if (request.method == Method::kPost) return Action(tools, request);
  if (request.path == "/api/v1/openapi.json") return Json(std::string(OpenApiDocument()));
  const auto look = tools.lookout.Now();
  if (!look) return JsonError(500, look.error());
  if (request.path == "/api/v1/status") return Json(RenderStatusJson((*look)->report));
  if (request.path == "/api/v1/health") return Json(RenderHealthJson(JudgeHealth((*look)->status)));
  if (request.path == "/api/v1/history") return History(tools.lookout, **look, request);
  if (request.path == "/api/v1/plan") return Plan(tools.lookout, **look, request);
  return NotFound();
}

}  // namespace runner
