#include "targets/config/lint.h"

#include <fmt/format.h>

#include "targets/base/redactor.h"
#include "targets/config/layer_reader.h"
#include "targets/schedule/recurrence.h"

namespace targets {
namespace {

/// Periods do not depend on the day that one looks from, but for clock changes; so any fixed one
/// will do.
constexpr UnixTime kReference{Duration{1'767'225'600}};  // 2026-01-01

const Layer& LayerOf(const Merge& merge, const TargetId& id) { return merge.targets.at(id.str()); }

ValueOrigin OriginOf(const Layer& layer, std::string_view key) {
  const Leaf* leaf = LayerReader(layer).Find(key);
  return leaf == nullptr ? ValueOrigin{} : leaf->origin;
}

class TargetLint {
 public:
  TargetLint(const Target& target, Merge& merge)
      : target_(target), layer_(LayerOf(merge, target.id)), merge_(merge) {}

  void Run() {
    if (!IsAnythingToCompare()) return;
    const auto period = PeriodOf(target_.schedule);
    if (!period) return;
    CheckJitter(*period);
    CheckRetention(*period);
  }

 private:
  /// To find a period costs as much as everything else about a target.
  [[nodiscard]] bool IsAnythingToCompare() const {
    if (target_.schedule.jitter > Duration::zero()) return true;
    for (const char* key : {"retention/hourly", "retention/daily", "retention/weekly"}) {
      if (OriginOf(layer_, key).kind != ValueOrigin::Kind::kDefault) return true;
    }
    return false;
  }

  static std::optional<Duration> PeriodOf(Schedule schedule) {
    schedule.jitter = Duration{};
    const auto recurrence = Recurrence::Make(schedule, "");
    return recurrence ? recurrence->Period(kReference) : std::nullopt;
  }

  void CheckJitter(Duration period) {
    if (target_.schedule.jitter < period) return;
    merge_.problems.Error(
        OriginOf(layer_, "schedule/jitter"), PointAt::kValue,
        fmt::format("the jitter {} is not shorter than the schedule's period {}",
                    FormatDuration(target_.schedule.jitter), FormatDuration(period)),
        "shorten the jitter");
  }

  /// Only rules that somebody wrote are judged: the built-in ones fit every schedule well enough.
  void CheckRetention(Duration period) {
    struct Rule {
      const char* key;
      int count;
      Duration unit;
    };
    const Retention& retention = target_.retention;
    for (const Rule& rule : {Rule{"hourly", retention.hourly, std::chrono::hours{1}},
                             Rule{"daily", retention.daily, std::chrono::days{1}},
                             Rule{"weekly", retention.weekly, std::chrono::weeks{1}}}) {
      const std::string key = std::string("retention/") + rule.key;
      const ValueOrigin origin = OriginOf(layer_, key);
      const bool finer =
          rule.count != 0 && period > rule.unit + std::chrono::hours{2};  // a clock change aside
      if (!finer || origin.kind == ValueOrigin::Kind::kDefault) continue;
      merge_.problems.Warning(
          origin, PointAt::kValue,
          fmt::format("finer than the schedule of target {}, which makes a snapshot every {}: "
                      "{} {} snapshots reach back {}",
                      target_.id.str(), FormatDuration(period), rule.count, rule.key,
                      rule.count < 0 ? "for ever" : FormatDuration(period * rule.count)),
          "back up more often, or use a coarser rule");
    }
  }

  const Target& target_;
  const Layer& layer_;
  Merge& merge_;
};

/// "/data" contains "/data/photos"; "/" contains everything.
bool Contains(const std::string& outer, const std::string& inner) {
  if (outer == "/") return true;
  return inner.starts_with(outer) && inner.size() > outer.size() && inner[outer.size()] == '/';
}

void LintSources(const Config& config, Merge& merge) {
  std::map<std::string, const Target*> by_path;
  for (const Target& target : config.targets) {
    const auto* source = std::get_if<DirectorySource>(&target.source);
    if (source == nullptr) continue;
    const auto [first, fresh] = by_path.emplace(source->path, &target);
    if (fresh) continue;
    merge.problems.Warning(
        OriginOf(LayerOf(merge, target.id), "source"), PointAt::kValue,
        fmt::format("target {} backs up the same folder", first->second->id.str()),
        "remove one of the two targets, unless that is what you want");
  }
  for (const auto& [path, target] : by_path) {
    for (std::string above = path; above.size() > 1;) {
      above = above.substr(0, std::max<std::size_t>(above.rfind('/'), 1));
      const auto outer = by_path.find(above);
      if (outer == by_path.end() || !Contains(above, path)) continue;
      merge.problems.Warning(
          OriginOf(LayerOf(merge, target->id), "source"), PointAt::kValue,
          fmt::format("this folder lies inside {}, the source of target {}: it is backed up twice",
                      above, outer->second->id.str()),
          fmt::format("exclude it there: exclude: [\"{}\"]", path));
      break;
    }
  }
}

void LintSecrets(const Config& config, Merge& merge) {
  const auto* password = config.repository.password
                             ? std::get_if<InlineSecret>(&*config.repository.password)
                             : nullptr;
  if (password == nullptr || password->value.Expose().size() >= Redactor::kMinimumLength) return;
  merge.problems.Warning(OriginOf(merge.top, "repository/password"), PointAt::kKey,
                         "a password this short cannot be recognised and hidden in logs",
                         "use a longer one");
}

}  // namespace

void LintConfig(const Config& config, Merge& merge) {
  for (const Target& target : config.targets) TargetLint(target, merge).Run();
  LintSources(config, merge);
  LintSecrets(config, merge);
}

}  // namespace targets
