#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/status/render.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

using targets::UnixTime;

class JsonRenderer {
 public:
  std::string Render(const StatusReport& report) {
    json_.StartObject();
    json_.Key("version");
    json_.Int(1);
    Put("time", report.time);
    Put("healthy", report.healthy);
    Put("summary", report.summary);
    Put("targets", report.targets, "id");
    Put("repository", report.repository, "stage");
    Put(report.daemon);
    Put("problems", report.others);
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void Put(const char* key, std::string_view text) {
    json_.Key(key);
    json_.String(targets::Utf8(text));
  }
  void Put(const char* key, const std::string& text) { Put(key, std::string_view(text)); }
  void Put(const char* key, bool value) {
    json_.Key(key);
    json_.Bool(value);
  }
  void Put(const char* key, UnixTime time) { Put(key, targets::FormatRfc3339(time)); }
  void Put(const char* key, const std::optional<UnixTime>& time) {
    if (time) Put(key, *time);
  }

  void Put(const char* key, const std::vector<SubjectStatus>& subjects, const char* name_key) {
    json_.Key(key);
    json_.StartArray();
    for (const SubjectStatus& subject : subjects) Put(subject, name_key);
    json_.EndArray();
  }

  void Put(const SubjectStatus& subject, const char* name_key) {
    json_.StartObject();
    Put(name_key, subject.name);
    Put("state", StatusWordName(subject.word));
    Put("healthy", subject.level != HealthLevel::kUnhealthy);
    Put("last_success", subject.last_success);
    if (subject.next) Put(*subject.next);
    if (subject.snapshots) {
      json_.Key("snapshots_proven");
      json_.Uint64(*subject.snapshots);
    }
    Put("last_proven_restorable", subject.last_proven_restorable);
    if (subject.running) Put(*subject.running);
    Put("problems", subject.problems);
    json_.EndObject();
  }

  void Put(const NextRun& next) {
    json_.Key("next");
    json_.StartObject();
    Put("kind", NextKindName(next.kind));
    Put("at", next.at);
    if (next.kind == NextKind::kRetry) {
      json_.Key("retry");
      json_.Int(next.retry);
    }
    json_.EndObject();
  }

  void Put(const RunningStage& running) {
    json_.Key("running");
    json_.StartObject();
    Put("stage", targets::StageName(running.stage));
    Put("since", running.since);
    Put("progress", running.progress);
    json_.EndObject();
  }

  void Put(const char* key, const std::vector<Problem>& problems) {
    json_.Key(key);
    json_.StartArray();
    for (const auto& [finding, hint] : problems) {
      json_.StartObject();
      Put("level", HealthLevelName(finding.level));
      Put("code", finding.code);
      if (finding.stage) Put("stage", targets::StageName(*finding.stage));
      Put("message", finding.message);
      if (!hint.empty()) Put("hint", hint);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void Put(const DaemonStatus& daemon) {
    json_.Key("daemon");
    json_.StartObject();
    Put("running", daemon.running);
    if (daemon.facts) {
      json_.Key("pid");
      json_.Int64(daemon.facts->pid);
      Put("started", daemon.facts->started);
      if (daemon.running) Put("next_wakeup", daemon.facts->next_wakeup);
      if (!daemon.running) Put("stopped", daemon.facts->stopped);
    }
    json_.EndObject();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace

std::string RenderStatusJson(const StatusReport& report) { return JsonRenderer().Render(report); }

}  // namespace runner
