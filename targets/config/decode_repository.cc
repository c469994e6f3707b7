#include <charconv>

#include "targets/config/decode.h"
#include "targets/config/layer_reader.h"

namespace targets {
namespace {

Prices DecodePrices(const LayerReader& reader) {
  Prices prices;
  prices.currency = reader.Text("repository/prices/currency", prices.currency);
  prices.class_b = reader.Number("repository/prices/class_b", prices.class_b);
  prices.class_c = reader.Number("repository/prices/class_c", prices.class_c);
  prices.free_calls = reader.Number("repository/prices/free_calls", prices.free_calls);
  prices.storage = reader.Number("repository/prices/storage", prices.storage);
  return prices;
}

Repository DecodeRepository(const LayerReader& reader) {
  Repository repository;
  repository.url = reader.Text("repository/url");
  repository.password = DecodeSecret(reader, "repository/password");
  repository.b2.account_id = DecodeSecret(reader, "repository/b2/account_id");
  repository.b2.account_key = DecodeSecret(reader, "repository/b2/account_key");
  repository.init =
      reader.Text("repository/init") == "never" ? InitRule::kNever : InitRule::kIfMissing;
  repository.machine_key =
      reader.Text("repository/machine_key") == "off" ? MachineKeyRule::kOff : MachineKeyRule::kAuto;
  repository.id = reader.Text("repository/id");
  repository.limits.upload = reader.OptionalRate("repository/limits/upload");
  repository.limits.download = reader.OptionalRate("repository/limits/download");
  repository.limits.connections = reader.OptionalInteger("repository/limits/connections");
  repository.limits.stall_timeout =
      reader.Seconds("repository/limits/stall_timeout", repository.limits.stall_timeout);
  repository.retry_lock = reader.Seconds("repository/retry_lock", repository.retry_lock);
  repository.prices = DecodePrices(reader);
  repository.environment = reader.TextMap("repository/environment");
  return repository;
}

/// t of "1/t"; 0 for "none".
int ReadDataParts(const std::string& text) {
  int parts = 0;
  if (text.starts_with("1/")) std::from_chars(text.data() + 2, text.data() + text.size(), parts);
  return parts;
}

Maintenance DecodeMaintenance(const Layer& layer, const std::string& timezone) {
  const LayerReader reader(layer);
  Maintenance maintenance;
  if (reader.Flag("maintenance/probe/enabled", false)) {
    maintenance.probe = ProbeJob{DecodeSchedule(layer, "maintenance/probe", timezone)};
  }
  if (reader.Flag("maintenance/prune/enabled", false)) {
    maintenance.prune = PruneJob{DecodeSchedule(layer, "maintenance/prune/schedule", timezone),
                                 reader.Text("maintenance/prune/max_unused", "5%"),
                                 reader.OptionalSize("maintenance/prune/max_repack_size")};
  }
  if (reader.Flag("maintenance/check/enabled", false)) {
    maintenance.check = CheckJob{DecodeSchedule(layer, "maintenance/check/schedule", timezone),
                                 ReadDataParts(reader.Text("maintenance/check/read_data"))};
  }
  return maintenance;
}

/// Whoever writes anything below `server:` wants it, at the usual place unless it says another.
Server DecodeServer(const LayerReader& reader) {
  Server server;
  const std::string listen = reader.Text("server/listen");
  if (reader.HasFolder("server") && listen != "off")
    server.listen = ParseListenAddress(listen).value_or(ListenAddress{});
  server.hosts = reader.Texts("server/hosts");
  server.token = DecodeSecret(reader, "server/token");
  return server;
}

std::string Path(const LayerReader& reader, std::string_view key) {
  return reader.Has(key) ? NormalisePath(reader.Text(key)) : std::string();
}

}  // namespace

Config DecodeTop(const Layer& layer) {
  const LayerReader reader(layer);
  Config config;
  config.instance = InstanceName(reader.Text("instance"));
  config.timezone = reader.Text("timezone", "UTC");
  config.repository = DecodeRepository(reader);
  config.maintenance = DecodeMaintenance(layer, config.timezone);
  config.max_parallel = reader.Integer("max_parallel", config.max_parallel);
  config.state_dir = Path(reader, "state_dir");
  config.cache_dir = Path(reader, "cache_dir");
  config.temp_dir = Path(reader, "temp_dir");
  config.stop_grace = reader.Seconds("stop_grace", config.stop_grace);
  if (reader.Has("run_as/uid") && reader.Has("run_as/gid")) {
    config.run_as = RunAs{reader.Unsigned("run_as/uid"), reader.Unsigned("run_as/gid")};
  }
  config.logging.format =
      reader.Text("logging/format") == "json" ? LogFormat::kJson : LogFormat::kText;
  config.logging.debug = reader.Text("logging/level") == "debug";
  config.logging.dir = Path(reader, "logging/dir");
  config.history.keep = reader.Seconds("history/keep", config.history.keep);
  config.metrics.textfile = Path(reader, "metrics/textfile");
  config.server = DecodeServer(reader);
  config.notify = DecodeNotify(layer);
  return config;
}

}  // namespace targets
