#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>

#include "runner/app/commands/commands.h"
#include "runner/app/exit_of_cause.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"
#include "runner/app/snapshot_table.h"
#include "targets/schedule/zone.h"

namespace runner {
namespace {

using targets::Snapshot;

void WriteStrings(rapidjson::PrettyWriter<rapidjson::StringBuffer>& writer, const char* key,
                  const std::vector<std::string>& values) {
  writer.Key(key);
  writer.StartArray();
  for (const std::string& value : values) writer.String(value);
  writer.EndArray();
}

std::string RenderJson(const std::vector<Snapshot>& snapshots) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartArray();
  for (const Snapshot& snapshot : snapshots) {
    writer.StartObject();
    writer.Key("id");
    writer.String(snapshot.id.str());
    writer.Key("time");
    writer.String(targets::FormatRfc3339(snapshot.time));
    writer.Key("target");
    writer.String(TargetOf(snapshot));
    writer.Key("host");
    writer.String(snapshot.hostname);
    WriteStrings(writer, "paths", snapshot.paths);
    WriteStrings(writer, "tags", snapshot.tags);
    writer.EndObject();
  }
  writer.EndArray();
  return std::string(buffer.GetString()) + "\n";
}

ExitCode Accept(Machine& machine, Listings& listings) {
  const auto accepted = listings.Accept(machine.stop);
  if (!accepted) {
    PrintError(machine, {accepted.error().reason, accepted.error().hint});
    return ExitOfCause(accepted.error().cause);
  }
  machine.console.Out(
      fmt::format("accepted: {} snapshot{} of this instance, {} in the whole "
                  "repository\n",
                  accepted->of_instance, accepted->of_instance == 1 ? "" : "s", accepted->of_all));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunSnapshots(Machine& machine, const GlobalOptions& global,
                      const SnapshotsOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  std::optional<targets::TargetId> target;
  if (options.target) {
    const auto selected = SelectTargets(loaded->config, {*options.target});
    if (!selected) {
      PrintError(machine, selected.error());
      return ExitCode::kUsage;
    }
    target = targets::TargetId(*options.target);
  }
  const auto session = Session::Open(machine, loaded->config);
  if (!session) {
    PrintError(machine, session.error());
    return ExitCode::kFailed;
  }
  if (options.accept) return Accept(machine, (*session)->listings());
  Restic& restic = (*session)->restic();
  auto snapshots = options.all ? restic.AllSnapshots(machine.stop)
                   : target    ? restic.RestorableSnapshots(*target, machine.stop)
                               : restic.Snapshots(std::nullopt, machine.stop);
  if (!snapshots) {
    PrintError(machine, {snapshots.error().reason, snapshots.error().hint});
    return ExitOfCause(snapshots.error().cause);
  }
  std::stable_sort(snapshots->begin(), snapshots->end(),
                   [](const Snapshot& a, const Snapshot& b) { return a.time < b.time; });
  const auto zone = targets::Zone::Load(loaded->config.timezone);
  machine.console.Out(options.json ? RenderJson(*snapshots)
                                   : SnapshotTable(*snapshots, zone ? *zone : targets::Zone()));
  return ExitCode::kDone;
}

}  // namespace runner
