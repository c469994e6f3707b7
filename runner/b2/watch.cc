#include "runner/b2/watch.h"

#include <algorithm>
#include <iterator>

namespace runner {
namespace {

using targets::B2Finding;
using targets::B2Level;

bool HasError(const std::vector<B2Finding>& findings) {
  return std::ranges::find(findings, B2Level::kError, &B2Finding::level) != findings.end();
}

void Append(std::vector<B2Finding>& to, std::vector<B2Finding> from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

B2Look AskB2(B2Client& client, const B2Key& key, const targets::B2Demand& demand,
             const Clock& clock, StopHandle& stop) {
  B2Look look{.asked = true};
  const auto account = client.Authorize(key, stop);
  if (!account) {
    look.failure = account.error();
    return look;
  }
  look.findings = JudgeB2Key(*account, demand, clock.Now());
  if (!MayListBucket(*account, demand)) return look;
  const auto buckets = client.FindBucket(*account, demand.address.bucket, stop);
  if (buckets) {
    Append(look.findings, JudgeB2Bucket(*buckets, *account, demand));
  } else {
    look.failure = buckets.error();
  }
  return look;
}

B2Watch::B2Watch(B2Client& client, B2AnswerStore store, const targets::Config& config,
                 targets::B2Address address, B2Key key, const Clock& clock)
    : client_(client),
      store_(std::move(store)),
      config_(config),
      address_(std::move(address)),
      key_(std::move(key)),
      clock_(clock) {}

bool B2Watch::IsStale(targets::UnixTime time) const {
  const targets::UnixTime now = clock_.Now();
  return time > now || now - time >= kFresh;
}

B2Watch::Step B2Watch::NextStep(const std::optional<B2Answer>& answer,
                                const targets::B2Demand& demand, Trouble trouble) const {
  if (trouble == Trouble::kRestic || !answer || IsStale(answer->asked) ||
      HasError(JudgeB2Key(answer->account, demand, clock_.Now())))
    return Step::kAuthorize;
  if (!MayListBucket(answer->account, demand)) return Step::kNothing;
  const bool stale = !answer->listed || IsStale(*answer->listed) ||
                     HasError(JudgeB2Bucket(answer->buckets, answer->account, demand));
  if (!stale) return Step::kNothing;
  return token_.Empty() ? Step::kAuthorize : Step::kList;
}

/// The look at the bucket, which needs the token of an earlier run.
bool B2Watch::MissedItsTurn(const std::optional<B2Answer>& answer) const {
  if (!answer || (answer->listed && !IsStale(*answer->listed))) return false;
  return token_.Empty() || IsStale(answer->asked);
}

std::optional<Failure> B2Watch::Authorize(std::optional<B2Answer>& answer, StopHandle& stop) {
  auto account = client_.Authorize(key_, stop);
  if (!account) return account.error();
  if (!answer) answer.emplace();
  answer->key = KeyMark(key_.id);
  answer->url = config_.repository.url;
  answer->asked = clock_.Now();
  token_ = std::exchange(account->token, {});
  answer->account = *std::move(account);
  return std::nullopt;
}

std::optional<Failure> B2Watch::List(B2Answer& answer, const targets::B2Demand& demand,
                                     StopHandle& stop) {
  targets::B2Account account = answer.account;
  // Once only: the next time a new one shows that it is still taken.
  account.token = std::exchange(token_, {});
  auto buckets = client_.FindBucket(account, demand.address.bucket, stop);
  if (!buckets) {
    Failure failure = buckets.error();
    // Perhaps only the token is too old; whether the key is taken, the next Authorize() tells.
    if (failure.cause == Cause::kKeyRefused) failure.cause = Cause::kUnknown;
    return failure;
  }
  answer.buckets = *std::move(buckets);
  answer.listed = clock_.Now();
  return std::nullopt;
}

std::optional<B2Answer> B2Watch::Remembered() const {
  auto answer = store_.Read();
  if (answer && (answer->key != KeyMark(key_.id) || answer->url != config_.repository.url))
    answer.reset();
  return answer;
}

void B2Watch::Remember(const B2Answer& answer) {
  // Without the file B2 is asked again: a cost, but no harm.
  static_cast<void>(store_.Write(answer));
}

B2Look B2Watch::Greet(StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  B2Look look;
  if (greeted_ && clock_.Monotonic() - *greeted_ < kGreeted) return look;
  look.asked = true;
  auto answer = Remembered();
  look.failure = Authorize(answer, stop);
  if (look.failure) return look;
  Remember(*answer);
  targets::B2Demand demand = DemandOf(config_, address_, key_.id, targets::RepositoryKnown::kYes);
  demand.writes = false;
  look.findings = JudgeB2Key(answer->account, demand, clock_.Now());
  if (!HasError(look.findings)) greeted_ = clock_.Monotonic();
  return look;
}

B2Look B2Watch::Look(targets::RepositoryKnown known, Trouble trouble, StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  const targets::B2Demand demand = DemandOf(config_, address_, key_.id, known);
  auto answer = Remembered();
  B2Look look;
  const Step step = NextStep(answer, demand, trouble);
  look.asked = step != Step::kNothing;
  const bool missed = MissedItsTurn(answer);
  if (step == Step::kAuthorize) look.failure = Authorize(answer, stop);
  const bool list = step == Step::kList || (step == Step::kAuthorize && missed && !look.failure &&
                                            MayListBucket(answer->account, demand));
  const bool learned = look.asked && !look.failure;
  if (list) look.failure = List(*answer, demand, stop);
  if (learned) Remember(*answer);
  if (!answer) return look;
  look.findings = JudgeB2Key(answer->account, demand, clock_.Now());
  if (answer->listed && MayListBucket(answer->account, demand))
    Append(look.findings, JudgeB2Bucket(answer->buckets, answer->account, demand));
  return look;
}

}  // namespace runner
