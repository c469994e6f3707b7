#include "runner/repository/listings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner {
namespace {

using targets::Snapshot;

constexpr const char* kInstance = "this instance";
constexpr const char* kEverybody = "the whole repository";
/// Below that, half of them are too few to say anything.
constexpr std::uint64_t kFewestToCompare = 4;

Failure FactsFailure(const targets::Error& error) {
  return {Cause::kUnknown, error.message, error.hint, {}};
}

/// One failure of a question is often the network's; it costs little to ask once more.
template <typename Ask>
Outcome<std::vector<Snapshot>> AskTwice(const Ask& ask, const StopHandle& stop) {
  auto answer = ask();
  return answer || stop.Stopped() ? std::move(answer) : ask();
}

/// `number`, which counts more than this instance, after its own part went from `before` to `now`.
std::uint64_t Shifted(std::uint64_t number, std::uint64_t before, std::uint64_t now) {
  return number + now - std::min(number + now, before);
}

}  // namespace

std::optional<Failure> DoubtAbout(std::uint64_t listed, std::uint64_t remembered,
                                  const std::string& whose) {
  const bool vanished = listed == 0 && remembered > 0;
  const bool halved = remembered >= kFewestToCompare && listed * 2 < remembered;
  if (!vanished && !halved) return std::nullopt;
  return Failure{
      Cause::kUnknown,
      fmt::format("the repository lists {} snapshot{} of {}, but there were {}: nothing is removed",
                  listed, listed == 1 ? "" : "s", whose, remembered),
      "find out where they went; if they are gone for good and that is right, run "
      "`runner snapshots --accept`",
      {}};
}

bool Listings::YoungerThan(const Remembered& remembered, targets::Duration max_age) const {
  // The real clock counts while the machine sleeps, the other one does not jump.
  const targets::Duration age = clock_.Now() - remembered.listing.began;
  return age >= targets::Duration{0} && age < max_age &&
         clock_.Monotonic() - remembered.began < max_age;
}

Outcome<Listing> Listings::Get(targets::Duration max_age, StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  if (last_ && YoungerThan(*last_, max_age)) return last_->listing;
  return TakeLocked(stop);
}

Outcome<Listing> Listings::Take(StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  return TakeLocked(stop);
}

Outcome<Listing> Listings::TakeAfterRemoval(const Listing& before,
                                            const std::set<targets::SnapshotId>& gone,
                                            StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  auto rest = WithoutRemoved(before, gone, stop);
  if (!rest) return TakeLocked(stop);
  const targets::Duration age = clock_.Now() - rest->began;
  if (age >= targets::Duration{0}) last_ = Remembered{*rest, clock_.Monotonic() - age};
  return *std::move(rest);
}

std::optional<Listing> Listings::WithoutRemoved(const Listing& before,
                                                const std::set<targets::SnapshotId>& gone,
                                                StopHandle& stop) const {
  if (!file_names_ || before.doubt) return std::nullopt;
  const auto names = file_names_(stop);
  if (!names) return std::nullopt;
  Listing rest{{}, before.began};
  for (const Snapshot& snapshot : before.snapshots) {
    if (names->contains(snapshot.id) == gone.contains(snapshot.id)) return std::nullopt;
    if (!gone.contains(snapshot.id)) rest.snapshots.push_back(snapshot);
  }
  return rest;
}

std::optional<Listing> Listings::Last() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return lock.owns_lock() && last_ ? std::optional(last_->listing) : std::nullopt;
}

Outcome<Listing> Listings::TakeLocked(StopHandle& stop) {
  Remembered taken;
  const auto ask = [&] {
    taken.began = clock_.Monotonic();
    taken.listing.began = clock_.Now();
    return restic_.Snapshots(std::nullopt, stop);
  };
  auto snapshots = AskTwice(ask, stop);
  if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  taken.listing.snapshots = *std::move(snapshots);
  Compare(taken.listing);
  Listing listing = taken.listing;
  if (!listing.doubt) last_ = std::move(taken);  // a doubt may be settled a moment later
  return listing;
}

Outcome<Listing> Listings::TakeAll(StopHandle& stop) {
  Listing listing;
  const auto ask = [&] {
    listing.began = clock_.Now();
    return restic_.AllSnapshots(stop);
  };
  auto snapshots = AskTwice(ask, stop);
  if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  listing.snapshots = *std::move(snapshots);
  CompareAll(listing);
  return listing;
}

/// Believed numbers become the new measure.
void Listings::Compare(Listing& listing) {
  const std::uint64_t listed = listing.snapshots.size();
  const auto saved = facts_.UpdateRepository([&](RepositoryFacts& facts) {
    listing.doubt = DoubtAbout(listed, facts.snapshots_listed, kInstance);
    if (listing.doubt) return;
    if (facts.all_listed > 0 && facts.listed_at)
      facts.all_listed = Shifted(facts.all_listed, facts.snapshots_listed, listed);
    facts.snapshots_listed = listed;
    facts.listed_at = listing.began;
  });
  if (!saved) listing.doubt = FactsFailure(saved.error());
}

void Listings::CompareAll(Listing& listing) {
  const std::uint64_t listed = listing.snapshots.size();
  const auto saved = facts_.UpdateRepository([&](RepositoryFacts& facts) {
    // Whoever never listed everything still knows of its own.
    const std::uint64_t known = std::max(facts.all_listed, facts.snapshots_listed);
    listing.doubt = DoubtAbout(listed, known, kEverybody);
    if (!listing.doubt) facts.all_listed = listed;
  });
  if (!saved) listing.doubt = FactsFailure(saved.error());
}

targets::Status Listings::AboutToRemove(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  last_.reset();
  return facts_.UpdateRepository([count](RepositoryFacts& facts) {
    facts.snapshots_listed -= std::min(facts.snapshots_listed, count);
    facts.all_listed -= std::min(facts.all_listed, count);
  });
}

Outcome<Listings::Accepted> Listings::Accept(StopHandle& stop) {
  const std::lock_guard lock(mutex_);
  last_.reset();
  const targets::UnixTime began = clock_.Now();
  const auto own = AskTwice([&] { return restic_.Snapshots(std::nullopt, stop); }, stop);
  if (!own) return tl::unexpected<Failure>(own.error());
  const auto all = AskTwice([&] { return restic_.AllSnapshots(stop); }, stop);
  if (!all) return tl::unexpected<Failure>(all.error());
  const auto saved = facts_.UpdateRepository([&](RepositoryFacts& facts) {
    facts.snapshots_listed = own->size();
    facts.listed_at = began;
    facts.all_listed = all->size();
  });
  if (!saved) return tl::unexpected<Failure>(FactsFailure(saved.error()));
  return Accepted{own->size(), all->size()};
}

}  // namespace runner
