#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "runner/history/render.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

class JsonRenderer {
 public:
  std::string Render(const HistoryPage& page) {
    json_.SetIndent(' ', 2);
    json_.StartObject();
    json_.Key("version");
    json_.Int(1);
    Put("matching", std::optional<std::uint64_t>(page.matching));
    json_.Key("runs");
    json_.StartArray();
    for (const RunRecord& run : page.runs) Put(run);
    json_.EndArray();
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void Put(const char* key, std::string_view text) {
    json_.Key(key);
    json_.String(targets::Utf8(text));
  }
  void PutIfAny(const char* key, const std::string& text) {
    if (!text.empty()) Put(key, text);
  }
  void Put(const char* key, const std::optional<std::uint64_t>& number) {
    if (!number) return;
    json_.Key(key);
    json_.Uint64(*number);
  }
  void Put(const char* key, const std::optional<targets::UnixTime>& time) {
    if (time) Put(key, targets::FormatRfc3339(*time));
  }
  void Put(const char* key, const std::optional<std::chrono::milliseconds>& length) {
    if (!length) return;
    json_.Key(key);
    json_.Int64(length->count());
  }
  void Put(const char* key, const std::vector<std::string>& lines) {
    json_.Key(key);
    json_.StartArray();
    for (const std::string& line : lines) json_.String(targets::Utf8(line));
    json_.EndArray();
  }

  void Put(const RunFigures& figures) {
    Put("files_new", figures.files_new);
    Put("files_changed", figures.files_changed);
    Put("files_unmodified", figures.files_unmodified);
    Put("files_total", figures.files_total);
    Put("bytes_total", figures.bytes_total);
    Put("bytes_added", figures.bytes_added);
    Put("cpu_ms", figures.cpu);
    Put("peak_memory", figures.peak_memory);
    Put("processes", figures.processes);
  }

  void Put(const RunRecord& run) {
    json_.StartObject();
    json_.Key("run");
    json_.Int64(run.id);
    PutIfAny("target", run.target.str());
    Put("stage", targets::StageName(run.stage));
    Put("due", run.due);
    Put("started", std::optional(run.started));
    Put("ended", run.ended);
    Put("took_ms", run.took);
    Put("outcome", std::string_view(run.outcome));
    PutIfAny("cause", run.cause);
    PutIfAny("reason", run.reason);
    PutIfAny("hint", run.hint);
    PutIfAny("snapshot", run.snapshot.str());
    Put(run.figures);
    Put("warnings", run.warnings);
    Put("output", run.tail);
    json_.EndObject();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace

std::string RenderHistoryJson(const HistoryPage& page) { return JsonRenderer().Render(page); }

}  // namespace runner
