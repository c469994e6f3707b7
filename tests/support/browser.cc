#include "tests/support/browser.h"

#include <Poco/Base64Decoder.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace runner::testing {
namespace {

/// The name of an element's id in the protocol (W3C WebDriver, section 12.1).
constexpr const char* kElementKey = "element-6066-11e4-a52e-4f735466cecf";

std::string Quote(const std::string& text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text);
  return {buffer.GetString(), buffer.GetSize()};
}

/// No window, no sandbox (tests may run as root), and no traffic of the browser's own.
std::string Capabilities(const std::string& profile, Browser::Scripts scripts) {
  const char* javascript = scripts == Browser::Scripts::kOff ? "2" : "1";
  return fmt::format(
      R"({{"capabilities":{{"alwaysMatch":{{"browserName":"chrome",)"
      R"("goog:loggingPrefs":{{"browser":"ALL","performance":"ALL"}},)"
      R"("goog:chromeOptions":{{"binary":"/usr/bin/chromium",)"
      R"("prefs":{{"profile.managed_default_content_settings.javascript":{}}},)"
      R"("args":["--headless","--no-sandbox","--disable-gpu","--disable-quic","--no-first-run",)"
      R"("--disable-background-networking","--disable-component-update","--disable-sync",)"
      R"("--disable-dev-shm-usage","--force-color-profile=srgb","--user-data-dir={}"]}}}}}}}})",
      javascript, profile);
}

}  // namespace

Browser::Browser(const Workspace& workspace, Scripts scripts) {
  driver_ = workspace.Start({"chromedriver", "--port=0"});
  const std::regex started("started successfully on port ([0-9]+)");
  std::smatch match;
  std::string said;
  const bool ready = Eventually([&] {
    said = driver_->OutputSoFar();
    return std::regex_search(said, match, started) || !driver_->Alive();
  });
  if (!ready || match.empty()) {
    ADD_FAILURE() << "chromedriver does not start: " << said;
    return;
  }
  port_ = static_cast<std::uint16_t>(std::stoul(match[1]));
  const std::string profile = workspace.Path("browser" + std::to_string(port_));
  const auto answer = Ask("POST", "/session", Capabilities(profile, scripts));
  if (answer.IsObject() && answer.HasMember("sessionId"))
    session_ = answer["sessionId"].GetString();
}

Browser::~Browser() {
  if (!session_.empty()) Ask("DELETE", "/session/" + session_, "");
}

/// The value of the driver's answer.
rapidjson::Document Browser::Ask(const std::string& method, const std::string& path,
                                 const std::string& body) {
  rapidjson::Document value;
  try {
    Poco::Net::HTTPClientSession http("127.0.0.1", port_);
    http.setTimeout(Poco::Timespan(60, 0));
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    request.setContentType("application/json; charset=utf-8");
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    http.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::string text;
    Poco::StreamCopier::copyToString(http.receiveResponse(response), text);
    rapidjson::Document answer;
    answer.Parse(text);
    const bool good = response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK &&
                      !answer.HasParseError() && answer.HasMember("value");
    EXPECT_TRUE(good) << method << " " << path << ": " << text.substr(0, 600);
    if (good) value.CopyFrom(answer["value"], value.GetAllocator());
  } catch (const Poco::Exception& e) {
    ADD_FAILURE() << "chromedriver does not answer: " << e.displayText();
  }
  return value;
}

rapidjson::Document Browser::InSession(const std::string& path, const std::string& body) {
  return Ask("POST", "/session/" + session_ + path, body);
}

void Browser::DevTools(const std::string& command, const std::string& parameters) {
  InSession("/goog/cdp/execute", fmt::format(R"({{"cmd":"{}","params":{}}})", command, parameters));
}

void Browser::Open(const std::string& url) {
  InSession("/url", fmt::format(R"({{"url":{}}})", Quote(url)));
}

void Browser::Resize(int width, int height) {
  DevTools("Emulation.setDeviceMetricsOverride",
           fmt::format(R"({{"width":{},"height":{},"deviceScaleFactor":1,"mobile":false}})", width,
                       height));
}

void Browser::PreferDark() {
  DevTools("Emulation.setEmulatedMedia",
           R"({"features":[{"name":"prefers-color-scheme","value":"dark"}]})");
}

rapidjson::Document Browser::Script(const std::string& body) {
  return InSession("/execute/sync", fmt::format(R"({{"script":{},"args":[]}})", Quote(body)));
}

rapidjson::Document Browser::ScriptLater(const std::string& body) {
  return InSession("/execute/async", fmt::format(R"({{"script":{},"args":[]}})", Quote(body)));
}

std::string Browser::TextOf(const std::string& selector) {
  const auto text = Script(
      fmt::format("const found = document.querySelector({}); return found ? found.innerText : null",
                  Quote(selector)));
  if (text.IsString()) return text.GetString();
  ADD_FAILURE() << "nothing on " << Url() << " is " << selector;
  return {};
}

bool Browser::Has(const std::string& selector) {
  return Script(fmt::format("return document.querySelector({}) !== null", Quote(selector)))
      .IsTrue();
}

std::string Browser::Element(const std::string& selector) {
  const auto element = InSession(
      "/element", fmt::format(R"({{"using":"css selector","value":{}}})", Quote(selector)));
  return element.IsObject() ? element[kElementKey].GetString() : "";
}

void Browser::Click(const std::string& selector) {
  InSession("/element/" + Element(selector) + "/click", "{}");
}

void Browser::Type(const std::string& selector, const std::string& text) {
  InSession("/element/" + Element(selector) + "/value",
            fmt::format(R"({{"text":{}}})", Quote(text)));
}

std::string Browser::Url() {
  const auto url = Ask("GET", "/session/" + session_ + "/url", "");
  return url.IsString() ? url.GetString() : "";
}

void Browser::Screenshot(const std::string& file) {
  const auto picture = InSession(
      "/goog/cdp/execute",
      R"({"cmd":"Page.captureScreenshot","params":{"format":"png","captureBeyondViewport":true}})");
  if (!picture.IsObject()) return;
  std::istringstream encoded(picture["data"].GetString());
  Poco::Base64Decoder decoder(encoded);
  std::ofstream(file, std::ios::binary) << std::string(std::istreambuf_iterator<char>(decoder), {});
}

rapidjson::Document Browser::Log(const std::string& type) {
  return InSession("/se/log", fmt::format(R"({{"type":"{}"}})", type));
}

std::vector<std::string> Browser::Complaints() {
  std::vector<std::string> complaints;
  const auto log = Log("browser");
  if (!log.IsArray()) return complaints;
  for (const auto& entry : log.GetArray()) {
    const std::string level = entry["level"].GetString();
    if (level == "SEVERE" || level == "WARNING")
      complaints.emplace_back(entry["message"].GetString());
  }
  return complaints;
}

std::vector<std::string> Browser::Requests() {
  std::vector<std::string> urls;
  const auto log = Log("performance");
  if (!log.IsArray()) return urls;
  for (const auto& entry : log.GetArray()) {
    rapidjson::Document event;
    event.Parse(entry["message"].GetString());
    const auto& message = event["message"];
    if (std::string(message["method"].GetString()) != "Network.requestWillBeSent") continue;
    std::string url = message["params"]["request"]["url"].GetString();
    // The empty page that every browser begins with, and what a page holds itself.
    const bool asks = !url.starts_with("chrome://") && !url.starts_with("data:");
    if (asks) urls.push_back(std::move(url));
  }
  return urls;
}

}  // namespace runner::testing
