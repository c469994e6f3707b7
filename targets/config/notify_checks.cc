#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "targets/base/text.h"
#include "targets/config/decode.h"
#include "targets/config/layer_reader.h"
#include "targets/config/semantic_checks.h"

namespace targets {
namespace {

/// The keys of each kind beside those of all. A key with three forms stands for them.
struct Kind {
  std::string_view name;
  std::vector<std::string> keys;
  std::vector<std::string> required;
};

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {
      {"ping", {"url"}, {"url"}},
      {"ntfy", {"url", "token", "priority", "tags"}, {"url"}},
      {"gotify", {"url", "token", "priority"}, {"url", "token"}},
      {"webhook", {"url", "method", "headers", "body"}, {"url"}},
      {"email",
       {"host", "port", "security", "user", "password", "from", "to"},
       {"host", "from", "to"}},
      {"command", {"command"}, {"command"}},
  };
  return kKinds;
}

constexpr std::array<std::string_view, 4> kKeysOfAll = {"kind", "targets", "on", "timeout"};

bool IsAmong(std::string_view key, const auto& keys) {
  return std::ranges::find(keys, key) != keys.end();
}

class ChannelChecks {
 public:
  ChannelChecks(const std::string& name, Merge& merge)
      : pointer_("/notify/" + name),
        at_("notify/" + name + "/"),
        merge_(merge),
        reader_(merge.top) {}

  void Run() {
    if (!reader_.Has(at_ + "kind")) {
      return Missing("kind", "add a line like kind: ntfy");
    }
    const std::string word = reader_.Text(at_ + "kind");
    const auto kind = std::ranges::find(Kinds(), word, &Kind::name);
    if (kind == Kinds().end()) return;  // reported with its place
    CheckKeys(*kind);
    for (const std::string& key : kind->required) {
      if (!Has(key)) Missing(key, fmt::format("a channel of kind {} needs it", word));
    }
    CheckTargets();
    if (word == "email") CheckEmail();
    if (word == "ntfy") CheckPriority();
  }

 private:
  [[nodiscard]] bool Has(const std::string& key) const {
    return reader_.HasFolder(at_ + key) || reader_.Has(at_ + key + "_file") ||
           reader_.Has(at_ + key + "_command");
  }

  void Missing(const std::string& key, std::string hint) {
    merge_.problems.Error(ValueOrigin::File(pointer_), PointAt::kKey,
                          fmt::format("the key \"{}\" is missing", key), std::move(hint));
  }

  void Blame(const std::string& key, PointAt point, std::string message, std::string hint) {
    const Leaf* leaf = reader_.Find(at_ + key);
    merge_.problems.Error(leaf == nullptr ? ValueOrigin::File(pointer_) : leaf->origin, point,
                          std::move(message), std::move(hint));
  }

  void CheckKeys(const Kind& kind) {
    for (auto at = merge_.top.lower_bound(at_);
         at != merge_.top.end() && at->first.starts_with(at_); ++at) {
      std::string key = at->first.substr(at_.size());
      key = key.substr(0, key.find('/'));
      std::string plain = key;
      for (const char* form : {"_file", "_command"}) {
        if (plain.ends_with(form)) plain.resize(plain.size() - std::string_view(form).size());
      }
      if (IsAmong(key, kKeysOfAll) || IsAmong(plain, kind.keys)) continue;
      merge_.problems.Error(
          at->second.origin, PointAt::kKey,
          fmt::format("a channel of kind {} has no \"{}\"", kind.name, key),
          fmt::format("its keys are: {}, {}", Join(kind.keys, ", "), "targets, on, timeout"));
    }
  }

  void CheckTargets() {
    if (merge_.problems.HasErrorsBelow("/targets")) return;
    std::vector<std::string> known;
    for (const auto& [id, layer] : merge_.targets) known.push_back(id);
    for (const std::string& target : reader_.Texts(at_ + "targets")) {
      if (merge_.targets.contains(target)) continue;
      const auto nearest = Nearest(target, known);
      Blame("targets", PointAt::kValue, fmt::format("there is no target \"{}\"", target),
            nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                    : "the targets are: " + Join(known, ", "));
    }
  }

  void CheckEmail() {
    const bool user = Has("user");
    if (user != Has("password")) {
      return Missing(user ? "password" : "user", "write user and password, or neither of them");
    }
    if (user && reader_.Text(at_ + "security") == "none")
      Blame("security", PointAt::kValue, "a password is not sent without TLS",
            "write starttls or tls, or leave user and password out");
  }

  void CheckPriority() {
    const auto priority = reader_.OptionalInteger(at_ + "priority");
    if (priority && (*priority < 1 || *priority > 5))
      Blame("priority", PointAt::kValue, "ntfy's priorities are 1 to 5", "");
  }

  std::string pointer_;
  std::string at_;
  Merge& merge_;
  LayerReader reader_;
};

}  // namespace

void CheckNotify(Merge& merge) {
  for (const std::string& name : ChannelNames(merge.top)) {
    if (!merge.problems.HasErrorsBelow("/notify/" + name)) ChannelChecks(name, merge).Run();
  }
}

}  // namespace targets
