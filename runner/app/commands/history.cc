#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/history/render.h"
#include "runner/history/since.h"
#include "runner/history/sqlite_history.h"

namespace runner {
namespace {

/// The history as those see it who only look.
class Reader {
 public:
  Reader(Machine& machine, const targets::Config& config)
      : redactor_(machine.console.redactor()),
        history_(machine.files, machine.clock, redactor_,
                 StateFolder(machine.files, config.state_dir)) {}
  HistoryStore& history() { return history_; }

 private:
  targets::Redactor redactor_;
  SqliteHistory history_;
};

targets::Zone ZoneOf(const targets::Config& config) {
  const auto zone = targets::Zone::Load(config.timezone);
  return zone ? *zone : targets::Zone();
}

/// A target that is not in the configuration any more still has its runs.
targets::Status CheckTarget(const targets::Config& config, HistoryStore& history,
                            const std::string& name) {
  const auto selected = SelectTargets(config, {name});
  if (selected) return {};
  const auto runs = history.Select({.target = targets::TargetId(name), .limit = 1});
  if (runs && runs->matching > 0) return {};
  return targets::Fail(selected.error());
}

targets::Result<HistoryQuery> QueryOf(Machine& machine, const targets::Config& config,
                                      HistoryStore& history, const HistoryOptions& options) {
  HistoryQuery query;
  query.stage = options.stage;
  query.limit = options.limit;
  if (options.target) {
    if (const auto known = CheckTarget(config, history, *options.target); !known)
      return targets::Fail(known.error());
    query.target = targets::TargetId(*options.target);
  }
  if (options.since) {
    const auto since = ParseSince(*options.since, machine.clock.Now(), ZoneOf(config));
    if (!since) return targets::FailWithContext("--since", since.error());
    query.since = *since;
  }
  return query;
}

ExitCode Complain(Machine& machine, const targets::Error& error, ExitCode code) {
  PrintError(machine, error);
  return code;
}

}  // namespace

ExitCode RunHistory(Machine& machine, const GlobalOptions& global, const HistoryOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  Reader reader(machine, loaded->config);
  const auto query = QueryOf(machine, loaded->config, reader.history(), options);
  if (!query) return Complain(machine, query.error(), ExitCode::kUsage);
  const auto page = reader.history().Select(*query);
  if (!page) return Complain(machine, page.error(), ExitCode::kFailed);
  machine.console.Out(options.json ? RenderHistoryJson(*page)
                                   : RenderHistoryText(*page, ZoneOf(loaded->config)));
  return ExitCode::kDone;
}

ExitCode RunLogs(Machine& machine, const GlobalOptions& global, const LogsOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  Reader reader(machine, loaded->config);
  const auto run = reader.history().Find(options.run);
  if (!run) return Complain(machine, run.error(), ExitCode::kFailed);
  if (!run->has_value()) {
    return Complain(machine,
                    {"there is no run " + std::to_string(options.run),
                     "`runner history` lists the runs; those before history.keep are removed"},
                    ExitCode::kUsage);
  }
  machine.console.Out(RenderRunText(**run, ZoneOf(loaded->config)));
  return ExitCode::kDone;
}

}  // namespace runner
