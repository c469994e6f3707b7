#include "runner/http/site.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "runner/health/render.h"
#include "runner/http/api.h"
#include "runner/http/target_page.h"
#include "runner/metrics/metric.h"
#include "runner/metrics/tell_metrics.h"

namespace runner {
namespace {

constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
constexpr std::string_view kTargets = "/targets/";
constexpr std::string_view kRuns = "/runs/";
constexpr std::string_view kActions = "/actions/";

void Secure(Response& response) {
  response.headers.insert(response.headers.end(), {{"Content-Security-Policy", kPolicy},
                                                   {"X-Content-Type-Options", "nosniff"},
                                                   {"Referrer-Policy", "same-origin"},
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

/// A form of one of our own pages. A browser that names no origin sends no foreign form either:
/// the cookie is SameSite=Strict, and the key in the form is not to be guessed.
bool IsOurForm(const Request& request, const std::vector<std::string>& hosts) {
  if (request.content_type != "application/x-www-form-urlencoded") return false;
  if (request.origin.empty()) return true;
  const std::size_t slashes = request.origin.find("://");
  if (slashes == std::string::npos) return false;
  const std::string authority = request.origin.substr(slashes + 3);
  return authority == request.authority ||
         std::ranges::find(hosts, HostOf(authority)) != hosts.end();
}

Response Redirect(const std::string& path) {
  return {.status = 303, .type = "text/plain; charset=utf-8", .headers = {{"Location", path}}};
}

Response WithCookie(Response response, const std::string& value) {
  response.headers.emplace_back(
      "Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", kSessionCookie, value,
                                value.empty() ? "; Max-Age=0" : ""));
  return response;
}

Html LoginForm(const std::string& complaint) {
  return Tag(
      "<h1>Sign in</h1>\n{}<form method=\"post\" action=\"/login\"><p><label for=\"token\">The "
      "token of <code>server.token</code></label></p><p><input id=\"token\" name=\"token\" "
      "type=\"password\" autocomplete=\"current-password\" required></p><p><button>Sign "
      "in</button></p></form>\n",
      complaint.empty() ? Html() : Tag("<p role=\"alert\" class=\"state bad\">{}</p>", complaint));
}

}  // namespace

Response TextResponse(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text)};
}

Response Site::Answer(const Request& request) {
  const auto installed = tools_.lookout.InForce();
  Response response;
  if (HostIsOurs(request.host, installed->config.server.hosts)) {
    response = Route(request);
  } else {
    response = TextResponse(421, "This name is not known here: add it to server.hosts.\n");
  }
  Secure(response);
  return response;
}

/// The pages with nothing on them that is for one reader alone.
Response Site::Shared(const Request& request, const Viewer& viewer) {
  const auto look = tools_.lookout.Now();
  const auto redacted = [&] {
    Response response = Show(request, viewer);
    response.body = tools_.lookout.redactor().Redact(response.body);
    return response;
  };
  if (!look || viewer.rights == Viewer::Rights::kMayAct) return redacted();
  const std::pair key{request.path, viewer.rights};
  {
    const std::lock_guard lock(mutex_);
    if (shown_look_ != *look) shown_.clear();
    shown_look_ = *look;
    if (const auto found = shown_.find(key); found != shown_.end()) return found->second;
  }
  Response response = redacted();
  const std::lock_guard lock(mutex_);
  if (shown_look_ == *look && response.status == 200) shown_.emplace(key, response);
  return response;
}

Response Site::Route(const Request& request) {
  if (request.method != Method::kPost) {
    if (auto asset = Asset(request.path)) return *std::move(asset);
    if (request.path == "/events") return {.type = "text/event-stream", .stream = true};
  }
  Response response;
  if (request.path.starts_with("/api/")) {
    response = AnswerApi(tools_, request);
  } else {
    const Viewer viewer = tools_.door.ViewerOf(request.session);
    const bool shared = request.path == "/" || request.path == "/plan";
    if (shared && request.method != Method::kPost) return Shared(request, viewer);
    response = request.method == Method::kPost ? Post(request, viewer) : Show(request, viewer);
  }
  response.body = tools_.lookout.redactor().Redact(response.body);
  return response;
}

Response Site::Show(const Request& request, const Viewer& viewer) {
  const std::string& path = request.path;
  if (path == "/") return Overview(viewer);
  if (path == "/plan") return Plan(viewer);
  if (path == "/healthz") return Healthz();
  if (path == "/readyz") return Readyz();
  if (path == "/metrics") return Metrics();
  if (path.starts_with(kTargets)) return Target(path.substr(kTargets.size()), viewer);
  if (path.starts_with(kRuns)) return Run(path.substr(kRuns.size()), viewer);
  if (path == "/login" && viewer.rights == Viewer::Rights::kSignedOut)
    return Wrap("Sign in", path, LoginForm(""), viewer);
  if (path == "/login" && viewer.rights == Viewer::Rights::kMayAct) return Redirect("/");
  return Say(404, "Not found", "There is no page of this name.", viewer);
}

Response Site::Wrap(const std::string& title, const std::string& here, const Html& content,
                    const Viewer& viewer, int status) {
  const auto installed = tools_.lookout.InForce();
  return {.status = status,
          .body = PageOf(title, here, content, installed->config.instance.str(), viewer)};
}

Response Site::Say(int status, const std::string& heading, const std::string& sentence,
                   const Viewer& viewer) {
  return Wrap(heading, "", MessageContent(heading, sentence), viewer, status);
}

Response Site::Overview(const Viewer& viewer) {
  const auto look = tools_.lookout.Now();
  if (!look) return Say(500, "This cannot be shown", look.error().message, viewer);
  return Wrap("Overview", "/", OverviewContent(**look, tools_.board.Now(), viewer), viewer);
}

Response Site::Target(const std::string& name, const Viewer& viewer) {
  const auto look = tools_.lookout.Now();
  if (!look) return Say(500, "This cannot be shown", look.error().message, viewer);
  const targets::TargetId id(name);
  const targets::Target* target = targets::FindTarget((*look)->installed->config, id);
  if (target == nullptr) return Say(404, "Not found", "There is no target of this name.", viewer);
  const auto runs = tools_.lookout.history().Select({.target = id});
  return Wrap(name, "",
              TargetContent(**look, *target, runs.value_or(HistoryPage{}), tools_.snapshots(id),
                            tools_.lookout.redactor(), viewer),
              viewer);
}

Response Site::Run(const std::string& number, const Viewer& viewer) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), id);
  const bool whole = error == std::errc{} && end == number.data() + number.size();
  const auto run = whole ? tools_.lookout.history().Find(id) : std::optional<RunRecord>();
  if (!run) return Say(500, "This cannot be shown", run.error().message, viewer);
  if (!run->has_value())
    return Say(404, "Not found", "There is no such run, or not any more.", viewer);
  const auto zone = targets::Zone::Load(tools_.lookout.InForce()->config.timezone);
  return Wrap("Run " + number, "", RunContent(**run, zone.value_or(targets::Zone())), viewer);
}

Response Site::Plan(const Viewer& viewer) {
  const auto look = tools_.lookout.Now();
  if (!look) return Say(500, "This cannot be shown", look.error().message, viewer);
  const targets::UnixTime now = (*look)->report.time;
  const targets::Zone& zone = (*look)->status.zone;
  targets::PlanInput input{(*look)->installed->config};
  input.at = now;
  input.horizon = StartOfToday(now, zone) + std::chrono::days(kPlanDays) - now;
  input.offline = true;
  const auto plan = targets::MakePlan(input);
  if (!plan) return Say(500, "This cannot be shown", plan.error().message, viewer);
  return Wrap("Plan", "/plan", PlanContent(*plan, now, zone), viewer);
}

Response Site::Post(const Request& request, const Viewer& viewer) {
  const auto installed = tools_.lookout.InForce();
  if (!IsOurForm(request, installed->config.server.hosts))
    return Say(403, "Refused", "This form does not come from this page.", viewer);
  if (viewer.rights == Viewer::Rights::kOff)
    return Say(403, "Refused", "Nobody may act here: there is no token.", viewer);
  if (request.path == "/login") return SignIn(request);
  if (viewer.rights != Viewer::Rights::kMayAct)
    return Say(403, "Refused", "Sign in first; a session ends after twelve hours.", viewer);
  const auto form = ParseForm(request.body);
  if (!form || !SameSecret(FieldOf(*form, "key"), viewer.form_key))
    return Say(403, "Refused", "This form is too old: load the page again.", viewer);
  if (request.path == "/logout") {
    tools_.door.Close(request.session);
    return WithCookie(Redirect("/"), "");
  }
  if (!request.path.starts_with(kActions))
    return Say(404, "Not found", "There is no such action.", viewer);
  const auto done =
      Act(request.path.substr(kActions.size()), *form, installed->config, tools_.actions);
  if (!done) return Say(400, "Refused", done.error().message + ".", viewer);
  return Say(202, "Taken", *done + ". The overview shows it while it runs.", viewer);
}

Response Site::SignIn(const Request& request) {
  const auto form = ParseForm(request.body);
  const Viewer nobody{Viewer::Rights::kSignedOut, ""};
  switch (tools_.door.Try(form ? FieldOf(*form, "token") : std::string())) {
    case Doorkeeper::Answer::kRight:
      return WithCookie(Redirect("/"), tools_.door.Open());
    case Doorkeeper::Answer::kTooMany:
      return Wrap("Sign in", "/login",
                  LoginForm("There were too many wrong tokens. Wait a minute."), nobody, 429);
    case Doorkeeper::Answer::kWrong:
    case Doorkeeper::Answer::kNoToken:
      break;
  }
  return Wrap("Sign in", "/login", LoginForm("This is not the token."), nobody, 403);
}

Response Site::Healthz() {
  const HealthReport report = tools_.lookout.Live();
  return TextResponse(report.Healthy() ? 200 : 503, HealthSummary(report) + "\n");
}

Response Site::Readyz() {
  const auto look = tools_.lookout.Now();
  if (!look) return TextResponse(503, look.error().message + "\n");
  const StatusReport& report = (*look)->report;
  const auto offset = (*look)->status.zone.OffsetAt(report.time);
  return TextResponse(report.healthy ? 200 : 503,
                      RenderHealthText(JudgeHealth((*look)->status), offset));
}

/// Without a history, of which the overview complains, the rest is told all the same.
Response Site::Metrics() {
  const auto look = tools_.lookout.Now();
  if (!look) return TextResponse(500, look.error().message + "\n");
  return {.type = std::string(kMetricsMediaType),
          .body = TellMetrics((*look)->status, (*look)->report, tools_.lookout.history(),
                              tools_.version)
                      .text};
}

std::string Site::Event() {
  const auto look = tools_.lookout.Now();
  if (!look) return {};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("version");
  json.String(VersionOf((*look)->report));
  json.Key("running");
  const Html running = RunningList((*look)->report, tools_.board.Now());
  json.String(tools_.lookout.redactor().Redact(running.str()));
  json.EndObject();
  return fmt::format("event: look\ndata: {}\n\n", buffer.GetString());
}

}  // namespace runner
