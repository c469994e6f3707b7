#include "runner/notify/channel_state.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>

#include "targets/base/utf8.h"

namespace runner {
namespace {

using rapidjson::Value;
using targets::UnixTime;
using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

constexpr int kVersion = 1;

void Put(Writer& writer, const char* name, const std::string& text) {
  const std::string clean = targets::Utf8(text);
  writer.Key(name);
  writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void Put(Writer& writer, const char* name, const std::optional<UnixTime>& time) {
  if (time) Put(writer, name, targets::FormatRfc3339(*time));
}

void Write(Writer& writer, const Told& told) {
  writer.StartObject();
  writer.Key("red");
  writer.Bool(told.red);
  Put(writer, "since", std::optional(told.since));
  Put(writer, "last", std::optional(told.last));
  Put(writer, "green_since", told.green_since);
  Put(writer, "recovered", told.recovered);
  writer.EndObject();
}

void Write(Writer& writer, const Message& message) {
  writer.StartObject();
  Put(writer, "event", std::string(message.Event()));
  writer.Key("subjects");
  writer.StartArray();
  for (const std::string& subject : message.subjects) writer.String(subject.c_str());
  writer.EndArray();
  Put(writer, "time", std::optional(message.time));
  Put(writer, "title", message.title);
  Put(writer, "text", message.text);
  writer.EndObject();
}

/// Reads one object; the first thing that is wrong makes the whole file damaged.
class Reader {
 public:
  Reader(const Value& object, std::string& problem) : object_(object), problem_(problem) {
    if (!object.IsObject()) Complain("an entry");
  }

  std::string Text(const char* name) {
    const Value* value = Find(name);
    if (value == nullptr) return {};
    if (value->IsString()) return {value->GetString(), value->GetStringLength()};
    Complain(name);
    return {};
  }
  std::optional<UnixTime> Time(const char* name) {
    const std::string text = Text(name);
    if (text.empty()) return std::nullopt;
    const auto time = targets::ParseRfc3339(text);
    if (time) return *time;
    Complain(name);
    return std::nullopt;
  }
  std::uint64_t Number(const char* name) {
    const Value* value = Find(name);
    if (value == nullptr) return 0;
    if (value->IsUint()) return value->GetUint();
    Complain(name);
    return 0;
  }
  bool Flag(const char* name) {
    const Value* value = Find(name);
    if (value == nullptr) return false;
    if (!value->IsBool()) Complain(name);
    return value->IsTrue();
  }
  [[nodiscard]] const Value* Find(const char* name) const {
    if (!object_.IsObject()) return nullptr;
    const auto found = object_.FindMember(name);
    return found == object_.MemberEnd() ? nullptr : &found->value;
  }
  void Complain(const std::string& name) {
    if (problem_.empty()) problem_ = name + " is not what it should be";
  }

 private:
  const Value& object_;
  std::string& problem_;
};

Told ReadTold(const Value& value, std::string& problem) {
  Reader reader(value, problem);
  Told told;
  told.red = reader.Flag("red");
  told.since = reader.Time("since").value_or(UnixTime{});
  told.last = reader.Time("last").value_or(told.since);
  told.green_since = reader.Time("green_since");
  told.recovered = reader.Time("recovered");
  return told;
}

Message ReadMessage(const Value& value, std::string& problem) {
  Reader reader(value, problem);
  Message message;
  message.kind = targets::NewsKindFromName(reader.Text("event"));
  if (!message.kind) reader.Complain("event");
  const Value* subjects = reader.Find("subjects");
  if (subjects != nullptr && subjects->IsArray()) {
    for (const Value& subject : subjects->GetArray()) {
      if (subject.IsString()) message.subjects.emplace_back(subject.GetString());
    }
  }
  message.time = reader.Time("time").value_or(UnixTime{});
  message.title = reader.Text("title");
  message.text = reader.Text("text");
  return message;
}

void ReadLists(Reader& reader, std::string& problem, ChannelState& state) {
  if (const Value* told = reader.Find("told")) {
    if (!told->IsObject()) return reader.Complain("told");
    for (const auto& member : told->GetObject())
      state.told.emplace(member.name.GetString(), ReadTold(member.value, problem));
  }
  if (const Value* queue = reader.Find("queue")) {
    if (!queue->IsArray()) return reader.Complain("queue");
    for (const Value& message : queue->GetArray())
      state.queue.push_back(ReadMessage(message, problem));
  }
}

}  // namespace

std::string ChannelStateToJson(const ChannelState& state) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartObject();
  writer.Key("version");
  writer.Int(kVersion);
  writer.Key("told");
  writer.StartObject();
  for (const auto& [subject, told] : state.told) {
    writer.Key(subject.c_str());
    Write(writer, told);
  }
  writer.EndObject();
  writer.Key("queue");
  writer.StartArray();
  for (const Message& message : state.queue) Write(writer, message);
  writer.EndArray();
  writer.Key("attempts");
  writer.Int(state.attempts);
  Put(writer, "next_try", state.next_try);
  Put(writer, "failing_since", state.failing_since);
  if (!state.last_error.empty()) Put(writer, "last_error", state.last_error);
  Put(writer, "last_sent", state.last_sent);
  writer.Key("lost");
  writer.Uint64(state.lost);
  Put(writer, "last_lost", state.last_lost);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

targets::Result<ChannelState> ChannelStateFromJson(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject())
    return targets::Fail("it is no JSON object");
  std::string problem;
  Reader reader(document, problem);
  if (reader.Number("version") != kVersion)
    return targets::Fail(fmt::format("its version is not {}", kVersion));
  ChannelState state;
  ReadLists(reader, problem, state);
  state.attempts = static_cast<int>(std::min<std::uint64_t>(reader.Number("attempts"), 1000));
  state.next_try = reader.Time("next_try");
  state.failing_since = reader.Time("failing_since");
  state.last_error = reader.Text("last_error");
  state.last_sent = reader.Time("last_sent");
  state.lost = reader.Number("lost");
  state.last_lost = reader.Time("last_lost");
  if (!problem.empty()) return targets::Fail(problem);
  return state;
}

}  // namespace runner
