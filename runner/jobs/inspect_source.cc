#include "runner/jobs/inspect_source.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cstdio>

#include "runner/process/run_as.h"

namespace runner {
namespace {

using targets::SourceState;

constexpr std::array kStates = {SourceState::kMissing, SourceState::kUnreadable,
                                SourceState::kEmpty, SourceState::kHasData,
                                SourceState::kHalfRestored};

std::string ToJson(const SourceReport& report) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  writer.Key("state");
  writer.String(std::string(SourceStateName(report.state)));
  writer.Key("detail");
  writer.String(report.detail);
  writer.Key("path");
  writer.String(report.path);
  writer.EndObject();
  return buffer.GetString();
}

std::optional<SourceReport> FromJson(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text);
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  const auto member = [&](const char* name) -> std::optional<std::string> {
    const auto found = document.FindMember(name);
    if (found == document.MemberEnd() || !found->value.IsString()) return std::nullopt;
    return std::string(found->value.GetString(), found->value.GetStringLength());
  };
  const auto state = member("state");
  const auto detail = member("detail");
  const auto path = member("path");
  if (!state || !detail || !path) return std::nullopt;
  for (const SourceState candidate : kStates) {
    if (SourceStateName(candidate) == *state) return SourceReport{candidate, *detail, *path};
  }
  return std::nullopt;
}

SourceReport Unreadable(const std::string& path, std::string why) {
  return SourceReport{SourceState::kUnreadable, std::move(why), path};
}

}  // namespace

int InspectSourceMain(const targets::Argv& arguments, FileSystem& files) {
  targets::DirectorySource source;
  targets::Guards guards;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--require-mount") {
      guards.require_mount = true;
    } else if (arguments[i] == "--sentinel" && i + 1 < arguments.size()) {
      guards.sentinel = arguments[++i];
    } else {
      source.path = arguments[i];
    }
  }
  if (source.path.empty()) return 2;
  const std::string json = ToJson(InspectSource(files, source, guards));
  return std::puts(json.c_str()) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

SourceInspector::SourceInspector(ProcessRunner& processes, const targets::Config& config,
                                 std::string program, std::chrono::milliseconds deadline)
    : processes_(processes), config_(config), program_(std::move(program)), deadline_(deadline) {}

SourceReport SourceInspector::Inspect(const targets::DirectorySource& source,
                                      const targets::Guards& guards) {
  ProcessSpec spec;
  spec.argv = {program_, kInspectSourceMode, source.path};
  if (guards.require_mount) spec.argv.emplace_back("--require-mount");
  if (!guards.sentinel.empty()) spec.argv.insert(spec.argv.end(), {"--sentinel", guards.sentinel});
  ApplyRunAs(spec, config_.run_as);
  spec.watch.max_runtime = deadline_;
  spec.stop = {std::chrono::milliseconds(100), std::chrono::milliseconds(100)};
  const ProcessResult result = processes_.Run(std::move(spec));
  if (result.stop_cause == StopCause::kDeadline) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(deadline_).count();
    return Unreadable(
        source.path,
        fmt::format("{} did not answer in {} seconds; is it on a network mount that is gone?",
                    source.path, seconds));
  }
  if (const auto report = FromJson(result.stdout_tail)) return *report;
  const auto* not_started = std::get_if<NotStarted>(&result.status);
  return Unreadable(source.path, fmt::format("{} could not be inspected{}{}", source.path,
                                             not_started != nullptr ? ": " : "",
                                             not_started != nullptr ? not_started->reason : ""));
}

}  // namespace runner
