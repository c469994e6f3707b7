#include "runner/state/fact_json.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <limits>

namespace runner {
namespace {

using rapidjson::Value;
using targets::Error;
using targets::Fail;
using targets::Result;
using targets::UnixTime;
using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

/// Reads members of one object; the first thing that is wrong is kept as the error.
class Reader {
 public:
  Reader(const Value& object, std::string where, std::optional<Error>& error)
      : object_(object), where_(std::move(where)), error_(error) {
    if (!object_.IsObject()) Complain("", "an object");
  }

  void Read(const char* name, std::optional<UnixTime>& out) {
    const Value* value = Find(name);
    if (value == nullptr || value->IsNull()) return;
    if (!value->IsString()) return Complain(name, "a time");
    const auto time = targets::ParseRfc3339(value->GetString());
    if (!time) return Complain(name, "a time");
    out = *time;
  }
  void Read(const char* name, UnixTime& out) {
    std::optional<UnixTime> time;
    Read(name, time);
    if (time.has_value()) out = *time;
  }
  void Read(const char* name, std::uint64_t& out) {
    const Value* value = Find(name);
    if (value == nullptr) return;
    if (!value->IsUint64()) return Complain(name, "a whole number");
    out = value->GetUint64();
  }
  void Read(const char* name, std::optional<std::uint64_t>& out) {
    if (Find(name) == nullptr) return;
    std::uint64_t number = 0;
    Read(name, number);
    out = number;
  }
  void Read(const char* name, int& out) {
    const Value* value = Find(name);
    if (value == nullptr) return;
    if (!value->IsInt() || value->GetInt() < 0) return Complain(name, "a whole number");
    out = value->GetInt();
  }
  void Read(const char* name, std::string& out) {
    const Value* value = Find(name);
    if (value == nullptr) return;
    if (!value->IsString()) return Complain(name, "a string");
    out.assign(value->GetString(), value->GetStringLength());
  }

  /// Calls `read(key, value)` for each member of the object `name`.
  template <typename Read>
  void ForEach(const char* name, const Read& read) {
    const Value* value = Find(name);
    if (value == nullptr) return;
    if (!value->IsObject()) return Complain(name, "an object");
    for (const auto& member : value->GetObject()) read(member.name.GetString(), member.value);
  }

  [[nodiscard]] const Value* Find(const char* name) const {
    if (!object_.IsObject()) return nullptr;
    const auto found = object_.FindMember(name);
    return found == object_.MemberEnd() ? nullptr : &found->value;
  }
  [[nodiscard]] std::string PathOf(const std::string& name) const { return where_ + "/" + name; }
  [[nodiscard]] std::optional<Error>& error() { return error_; }

  void Complain(const std::string& name, std::string_view expected) {
    if (!error_.has_value()) error_ = Error{fmt::format("{} is not {}", PathOf(name), expected)};
  }

 private:
  const Value& object_;
  std::string where_;
  std::optional<Error>& error_;
};

void ReadDecisions(Reader& reader, std::map<std::string, std::string>& decisions) {
  reader.ForEach("decisions", [&](const std::string& name, const Value& value) {
    if (!value.IsString()) return reader.Complain("decisions/" + name, "a string");
    decisions[name].assign(value.GetString(), value.GetStringLength());
  });
}

GoodSnapshot ReadFigures(Reader& snapshot) {
  GoodSnapshot figures;
  std::string id;
  snapshot.Read("id", id);
  snapshot.Read("time", figures.time);
  snapshot.Read("files", figures.files);
  snapshot.Read("bytes", figures.bytes);
  figures.id = targets::SnapshotId(id);
  if (id.empty()) snapshot.Complain("id", "a snapshot id");
  return figures;
}

void ReadNewestGood(Reader& reader, std::optional<GoodSnapshot>& out) {
  const Value* value = reader.Find("newest_good");
  if (value == nullptr || value->IsNull()) return;
  Reader snapshot(*value, reader.PathOf("newest_good"), reader.error());
  out = ReadFigures(snapshot);
}

void ReadQuarantined(Reader& reader, std::vector<QuarantinedSnapshot>& out) {
  const Value* list = reader.Find("quarantined");
  if (list == nullptr) return;
  if (!list->IsArray()) return reader.Complain("quarantined", "a list");
  for (const Value& value : list->GetArray()) {
    Reader snapshot(value, reader.PathOf("quarantined"), reader.error());
    QuarantinedSnapshot& read = out.emplace_back();
    read.snapshot = ReadFigures(snapshot);
    std::string original = read.snapshot.id.str();
    snapshot.Read("original", original);
    read.original = targets::SnapshotId(original);
    snapshot.Read("reason", read.reason);
  }
}

void ReadNewestProven(Reader& reader, std::optional<targets::SnapshotId>& out) {
  const Value* value = reader.Find("newest_proven");
  if (value == nullptr || value->IsNull()) return;
  std::string id;
  reader.Read("newest_proven", id);
  if (id.empty()) reader.Complain("newest_proven", "a snapshot id");
  out = targets::SnapshotId(id);
}

/// Parses, checks the version, and lets `fill` read the members.
template <typename Facts, typename Fill>
Result<Facts> Parse(const std::string& text, const Fill& fill) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.c_str(), text.size());
  if (document.HasParseError()) {
    return Fail(fmt::format("byte {}: {}", document.GetErrorOffset(),
                            rapidjson::GetParseError_En(document.GetParseError())));
  }
  std::optional<Error> error;
  Reader reader(document, "", error);
  int version = 0;
  reader.Read("version", version);
  if (!error.has_value() && version < 1) reader.Complain("version", "a version");
  if (!error.has_value() && version > kFactsVersion) {
    return Fail(
        fmt::format("it has version {}, this runner knows only {}", version, kFactsVersion));
  }
  Facts facts;
  fill(reader, facts);
  if (error.has_value()) return Fail(*error);
  return facts;
}

/// Null-free: what is absent is left out.
void Put(Writer& writer, const char* name, const std::optional<UnixTime>& time) {
  if (!time.has_value()) return;
  writer.Key(name);
  writer.String(targets::FormatRfc3339(*time));
}

void PutNumber(Writer& writer, const char* name, std::uint64_t number) {
  writer.Key(name);
  writer.Uint64(number);
}

void PutDecisions(Writer& writer, const std::map<std::string, std::string>& decisions) {
  writer.Key("decisions");
  writer.StartObject();
  for (const auto& [name, decision] : decisions) {
    writer.Key(name);
    writer.String(decision);
  }
  writer.EndObject();
}

template <typename Fill>
std::string Print(const Fill& fill) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartObject();
  writer.Key("version");
  writer.Int(kFactsVersion);
  fill(writer);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

void PutFigures(Writer& writer, const GoodSnapshot& snapshot) {
  writer.Key("id");
  writer.String(snapshot.id.str());
  Put(writer, "time", snapshot.time);
  PutNumber(writer, "files", snapshot.files);
  PutNumber(writer, "bytes", snapshot.bytes);
}

void PutNewestGood(Writer& writer, const GoodSnapshot& snapshot) {
  writer.Key("newest_good");
  writer.StartObject();
  PutFigures(writer, snapshot);
  writer.EndObject();
}

void PutQuarantined(Writer& writer, const std::vector<QuarantinedSnapshot>& quarantined) {
  if (quarantined.empty()) return;
  writer.Key("quarantined");
  writer.StartArray();
  for (const QuarantinedSnapshot& each : quarantined) {
    writer.StartObject();
    PutFigures(writer, each.snapshot);
    writer.Key("original");
    writer.String(each.original.str());
    writer.Key("reason");
    writer.String(each.reason);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string ToJson(const TargetFacts& facts) {
  return Print([&](Writer& writer) {
    Put(writer, "first_seen", facts.first_seen);
    PutNumber(writer, "snapshots_seen", facts.snapshots_seen);
    if (facts.newest_good.has_value()) PutNewestGood(writer, *facts.newest_good);
    if (facts.newest_proven.has_value()) {
      writer.Key("newest_proven");
      writer.String(facts.newest_proven->str());
    }
    PutQuarantined(writer, facts.quarantined);
    writer.Key("incomplete_in_a_row");
    writer.Int(facts.incomplete_in_a_row);
    PutDecisions(writer, facts.decisions);
  });
}

std::string ToJson(const RepositoryFacts& facts) {
  return Print([&](Writer& writer) {
    PutNumber(writer, "snapshots_listed", facts.snapshots_listed);
    Put(writer, "listed_at", facts.listed_at);
    PutNumber(writer, "all_listed", facts.all_listed);
    writer.Key("proven_url");
    writer.String(facts.proven_url);
    Put(writer, "proven_at", facts.proven_at);
    if (facts.stored_bytes) PutNumber(writer, "stored_bytes", *facts.stored_bytes);
    if (facts.locks) PutNumber(writer, "locks", *facts.locks);
    writer.Key("next_check_part");
    writer.Int(facts.next_check_part);
    PutDecisions(writer, facts.decisions);
  });
}

std::string ToJson(const DaemonFacts& facts) {
  return Print([&](Writer& writer) {
    PutNumber(writer, "pid", static_cast<std::uint64_t>(facts.pid));
    Put(writer, "started", facts.started);
    Put(writer, "next_wakeup", facts.next_wakeup);
    Put(writer, "stopped", facts.stopped);
    Put(writer, "configured", facts.configured);
    PutNumber(writer, "reloads", facts.reloads);
    if (facts.config_error.empty()) return;
    writer.Key("config_error");
    writer.String(facts.config_error);
  });
}

Result<TargetFacts> TargetFactsFromJson(const std::string& text) {
  return Parse<TargetFacts>(text, [](Reader& reader, TargetFacts& facts) {
    reader.Read("first_seen", facts.first_seen);
    reader.Read("snapshots_seen", facts.snapshots_seen);
    ReadNewestGood(reader, facts.newest_good);
    ReadNewestProven(reader, facts.newest_proven);
    ReadQuarantined(reader, facts.quarantined);
    reader.Read("incomplete_in_a_row", facts.incomplete_in_a_row);
    ReadDecisions(reader, facts.decisions);
  });
}

Result<RepositoryFacts> RepositoryFactsFromJson(const std::string& text) {
  return Parse<RepositoryFacts>(text, [](Reader& reader, RepositoryFacts& facts) {
    reader.Read("snapshots_listed", facts.snapshots_listed);
    reader.Read("listed_at", facts.listed_at);
    reader.Read("all_listed", facts.all_listed);
    reader.Read("proven_url", facts.proven_url);
    reader.Read("proven_at", facts.proven_at);
    reader.Read("stored_bytes", facts.stored_bytes);
    reader.Read("locks", facts.locks);
    reader.Read("next_check_part", facts.next_check_part);
    ReadDecisions(reader, facts.decisions);
  });
}

Result<DaemonFacts> DaemonFactsFromJson(const std::string& text) {
  return Parse<DaemonFacts>(text, [](Reader& reader, DaemonFacts& facts) {
    int pid = 0;
    reader.Read("pid", pid);
    facts.pid = pid;
    reader.Read("started", facts.started);
    reader.Read("next_wakeup", facts.next_wakeup);
    reader.Read("stopped", facts.stopped);
    reader.Read("configured", facts.configured);
    reader.Read("config_error", facts.config_error);
    reader.Read("reloads", facts.reloads);
  });
}

}  // namespace runner
