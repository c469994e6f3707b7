#include "runner/notify/desk.h"

#include <algorithm>
#include <array>
#include <set>

#include "targets/base/text.h"
#include "targets/config/message_template.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::NotifyChannel;
using targets::TargetId;
using targets::UnixTime;

/// How a channel divides what it covers.
enum class Division { kEachSubject, kEachTarget, kOneForAll };

Division DivisionOf(const NotifyChannel& channel) {
  const auto* ping = std::get_if<targets::PingWay>(&channel.way);
  if (ping == nullptr) return Division::kEachSubject;
  const auto* url = std::get_if<targets::InlineSecret>(&ping->url);
  const bool each = url != nullptr && targets::NamesTarget(url->value.Expose());
  return each ? Division::kEachTarget : Division::kOneForAll;
}

class Decider {
 public:
  Decider(const targets::Config& config, const NotifyChannel& channel, const RoundInput& input,
          const std::map<std::string, Told>& told, UnixTime now)
      : config_(config),
        channel_(channel),
        division_(DivisionOf(channel)),
        input_(input),
        now_(now) {
    desk_.told = told;
    ForgetWhatIsGone();
  }

  Desk Run() {
    TellRuns(NewsKind::kStart);
    for (const Verdict& verdict : Verdicts()) TellVerdict(verdict);
    TellNews();
    TellRuns(NewsKind::kSuccess);
    std::erase_if(desk_.told, [](const auto& entry) { return entry.second == Told{}; });
    return std::move(desk_);
  }

 private:
  [[nodiscard]] bool IsTarget(const std::string& subject) const {
    return targets::FindTarget(config_, TargetId(subject)) != nullptr;
  }

  [[nodiscard]] bool Covers(const std::string& subject) const {
    if (!channel_.targets.empty())
      return std::ranges::find(channel_.targets, TargetId(subject)) != channel_.targets.end();
    return division_ != Division::kEachTarget || IsTarget(subject);
  }

  [[nodiscard]] std::string KeyOf(const std::string& subject) const {
    return division_ == Division::kOneForAll ? kAll : subject;
  }

  void ForgetWhatIsGone() {
    std::erase_if(desk_.told, [&](const auto& entry) {
      const std::string& subject = entry.first;
      if (division_ == Division::kOneForAll) return subject != kAll;
      const bool judged = std::ranges::any_of(
          input_.verdicts, [&](const Verdict& verdict) { return verdict.subject == subject; });
      return !Covers(subject) || (!input_.verdicts.empty() && !judged);
    });
  }

  /// Of what the channel covers, each by itself or all as one.
  [[nodiscard]] std::vector<Verdict> Verdicts() const {
    std::vector<Verdict> covered;
    for (const Verdict& verdict : input_.verdicts) {
      if (Covers(verdict.subject)) covered.push_back(verdict);
    }
    if (division_ != Division::kOneForAll || covered.empty()) return covered;
    Verdict all{.subject = kAll};
    for (const Verdict& one : covered) {
      if (one.light == Light::kUnsettled && all.light == Light::kGreen)
        all.light = Light::kUnsettled;
      if (one.light != Light::kRed) continue;
      all.light = Light::kRed;
      all.reason += (all.reason.empty() ? "" : "; ") + one.subject + ": " + one.reason;
      all.details += one.details;
    }
    return {std::move(all)};
  }

  void TellVerdict(const Verdict& verdict) {
    const Told before = desk_.told[verdict.subject];
    Telling telling = Tell(before, verdict, now_);
    desk_.told[verdict.subject] = telling.told;
    if (telling.look_at && (!desk_.look_at || *telling.look_at < *desk_.look_at))
      desk_.look_at = telling.look_at;
    if (!telling.news) return;
    if (*telling.news == NewsKind::kRecovery) recovered_.insert(verdict.subject);
    if (channel_.on.contains(*telling.news)) news_[*telling.news].push_back({verdict, before});
  }

  void TellNews() {
    for (const NewsKind kind : {NewsKind::kFailure, NewsKind::kReminder, NewsKind::kRecovery}) {
      const auto found = news_.find(kind);
      if (found == news_.end()) continue;
      if (division_ != Division::kEachTarget) {
        desk_.messages.push_back(MakeMessage(kind, config_.instance.str(), found->second, now_));
        continue;
      }
      for (const News& one : found->second)
        desk_.messages.push_back(MakeMessage(kind, config_.instance.str(), {one}, now_));
    }
  }

  /// A start while red is a retry, or will end in news; a success while red is not the end of what
  /// was told.
  void TellRuns(NewsKind kind) {
    if (!channel_.on.contains(kind)) return;
    for (const RunNews& run : input_.runs) {
      const std::string& target = run.target.str();
      if (run.kind != kind || !IsTarget(target) || !Covers(target)) continue;
      const std::string key = KeyOf(target);
      const auto told = desk_.told.find(key);
      if (told != desk_.told.end() && told->second.red) continue;
      if (kind == NewsKind::kSuccess && recovered_.contains(key)) continue;  // says the same
      desk_.messages.push_back(
          MakeRunMessage(kind, config_.instance.str(), target, run.text, run.time));
    }
  }

  const targets::Config& config_;
  const NotifyChannel& channel_;
  Division division_;
  const RoundInput& input_;
  UnixTime now_;
  std::map<NewsKind, std::vector<News>> news_;
  std::set<std::string> recovered_;
  Desk desk_;
};

}  // namespace

Desk Decide(const targets::Config& config, const NotifyChannel& channel, const RoundInput& input,
            const std::map<std::string, Told>& told, UnixTime now) {
  return Decider(config, channel, input, told, now).Run();
}

}  // namespace runner
