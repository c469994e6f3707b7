#include "targets/config/decode.h"
#include "targets/config/layer_reader.h"

namespace targets {
namespace {

constexpr std::string_view kFolder = "notify/";

/// Reads the keys of one channel.
class ChannelReader {
 public:
  ChannelReader(const LayerReader& reader, const std::string& name)
      : reader_(reader), name_(name), at_(std::string(kFolder) + name + "/") {}

  [[nodiscard]] NotifyChannel Read() const {
    NotifyChannel channel;
    channel.name = name_;
    channel.way = Way(reader_.Text(at_ + "kind"));
    for (const std::string& target : reader_.Texts(at_ + "targets"))
      channel.targets.emplace_back(target);
    channel.on = On(std::holds_alternative<PingWay>(channel.way));
    channel.timeout = reader_.Seconds(at_ + "timeout", channel.timeout);
    return channel;
  }

 private:
  [[nodiscard]] std::set<NewsKind> On(bool ping) const {
    std::set<NewsKind> on;
    for (const std::string& word : reader_.Texts(at_ + "on")) {
      if (const auto kind = NewsKindFromName(word)) on.insert(*kind);
    }
    if (!on.empty()) return on;
    if (ping) return {kNewsKinds.begin(), kNewsKinds.end()};
    return {NewsKind::kFailure, NewsKind::kReminder, NewsKind::kRecovery};
  }

  [[nodiscard]] SecretSource Url() const {
    return DecodeSecret(reader_, at_ + "url").value_or(InlineSecret{});
  }
  [[nodiscard]] std::optional<SecretSource> Token() const {
    return DecodeSecret(reader_, at_ + "token");
  }
  [[nodiscard]] std::optional<int> Priority() const {
    return reader_.OptionalInteger(at_ + "priority");
  }

  [[nodiscard]] NotifyChannel::Way Way(const std::string& kind) const {
    if (kind == "ntfy") return NtfyWay{Url(), Token(), Priority(), reader_.Texts(at_ + "tags")};
    if (kind == "gotify") return GotifyWay{Url(), Token(), Priority()};
    if (kind == "webhook") {
      return WebhookWay{Url(), reader_.Text(at_ + "method", "POST"),
                        reader_.TextMap(at_ + "headers"), reader_.Text(at_ + "body")};
    }
    if (kind == "email") return Email();
    if (kind == "command") return CommandWay{reader_.Texts(at_ + "command")};
    return PingWay{Url()};
  }

  [[nodiscard]] EmailWay Email() const {
    const std::string security = reader_.Text(at_ + "security");
    EmailWay way;
    way.host = reader_.Text(at_ + "host");
    way.port = static_cast<std::uint16_t>(reader_.Unsigned(at_ + "port"));
    way.security = security == "tls"    ? MailSecurity::kTls
                   : security == "none" ? MailSecurity::kNone
                                        : MailSecurity::kStartTls;
    way.user = reader_.Text(at_ + "user");
    way.password = DecodeSecret(reader_, at_ + "password");
    way.from = reader_.Text(at_ + "from");
    way.to = reader_.Texts(at_ + "to");
    return way;
  }

  const LayerReader& reader_;
  std::string name_;
  std::string at_;
};

}  // namespace

std::optional<SecretSource> DecodeSecret(const LayerReader& reader, const std::string& key) {
  if (reader.Has(key)) return InlineSecret{Secret(reader.Text(key))};
  if (reader.Has(key + "_file")) return FileSecret{NormalisePath(reader.Text(key + "_file"))};
  if (reader.Has(key + "_command")) return CommandSecret{reader.Texts(key + "_command")};
  return std::nullopt;
}

std::set<std::string> ChannelNames(const Layer& layer) {
  std::set<std::string> names;
  for (auto at = layer.lower_bound(kFolder); at != layer.end() && at->first.starts_with(kFolder);
       ++at) {
    const std::size_t end = at->first.find('/', kFolder.size());
    names.insert(at->first.substr(kFolder.size(), end - kFolder.size()));
  }
  return names;
}

std::vector<NotifyChannel> DecodeNotify(const Layer& layer) {
  const LayerReader reader(layer);
  std::vector<NotifyChannel> channels;
  for (const std::string& name : ChannelNames(layer))
    channels.push_back(ChannelReader(reader, name).Read());
  return channels;
}

}  // namespace targets
