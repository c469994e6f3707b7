#include "runner/app/command_line_history.h"

namespace runner {

void AddHistory(CLI::App& app, HistoryValues& values) {
  CLI::App* history = app.add_subcommand("history", "List the runs that ended, the newest last");
  history->add_option("TARGET", values.history.target, "Only this target's");
  history->add_option("--stage", values.stage, "Only this stage, e.g. backup or prune")
      ->type_name("STAGE");
  history
      ->add_option("--since", values.history.since,
                   "Only those since then: 7d, 2026-11-20, or an RFC 3339 time")
      ->type_name("TIME");
  history->add_option("--limit", values.history.limit, "At most so many; 50 without this")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
  history->add_flag("--json", values.history.json, "For programs (schemas/history.schema.json)");
  CLI::App* logs = app.add_subcommand(
      "logs", "Show what is known of one run: its numbers, its warnings, its last output");
  logs->add_option("RUN", values.logs.run, "Its number in `runner history`")->required();
  CLI::App* metrics =
      app.add_subcommand("metrics", "Tell a monitoring system what is known (Prometheus' text)");
  metrics
      ->add_option("--output", values.metrics.output,
                   "Replace that file whole, e.g. for node_exporter's textfile collector")
      ->type_name("FILE");
}

}  // namespace runner
