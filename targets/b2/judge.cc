#include "targets/b2/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "targets/base/text.h"

namespace targets {
namespace {

constexpr std::string_view kKeyPage = "https://secure.backblaze.com/app_keys.htm";

/// What is lost without a capability.
struct Capability {
  const char* name;
  bool only_for_writing;
  const char* without;
};

constexpr std::array kCapabilities = {
    Capability{"listBuckets", false, "restic cannot find the bucket"},
    Capability{"listFiles", false, "no snapshot can be found"},
    Capability{"readFiles", false, "nothing can be read, so nothing can be restored or checked"},
    Capability{"writeFiles", true, "nothing can be backed up"},
    Capability{"deleteFiles", true,
               "every backup leaves its lock behind, and no old snapshot can be removed"},
};

bool Has(const B2Account& account, const std::string& capability) {
  return account.capabilities.contains(capability);
}

bool IsS3(const B2Demand& demand) { return demand.address.interface == B2Interface::kS3; }

/// What the S3 interface does in other ways: it finds the bucket by its address, and hides what
/// somebody who may not delete removes.
bool S3DoesWithout(const std::string& capability) {
  return capability == "listBuckets" || capability == "deleteFiles";
}

/// A key that would do, as a command line for Backblaze's program.
std::string MakeKey(const B2Account& account, const B2Demand& demand, const std::string& more) {
  std::vector<std::string> capabilities;
  for (const Capability& capability : kCapabilities) {
    if (demand.writes || !capability.only_for_writing) capabilities.emplace_back(capability.name);
  }
  if (IsS3(demand)) capabilities.emplace_back("listAllBucketNames");
  if (!more.empty() && std::ranges::find(capabilities, more) == capabilities.end())
    capabilities.push_back(more);
  const std::string prefix =
      account.name_prefix.empty() || demand.address.path.empty()
          ? ""
          : "--name-prefix " + ShellQuote(NamePrefixOf(demand.address)) + " ";
  return fmt::format(
      "`b2 key create --bucket {} {}runner {}`, or make one on {}; then put it into repository.b2",
      ShellQuote(demand.address.bucket), prefix, Join(capabilities, ","), kKeyPage);
}

class KeyJudge {
 public:
  KeyJudge(const B2Account& account, const B2Demand& demand, UnixTime now)
      : account_(account), demand_(demand), now_(now) {}

  std::vector<B2Finding> Judge() {
    JudgeExpiry();
    for (const Capability& capability : kCapabilities) JudgeCapability(capability);
    JudgeS3();
    JudgeBuckets();
    JudgePrefix();
    const bool bad = std::ranges::any_of(findings_, [](const B2Finding& finding) {
      return finding.level == B2Level::kError || finding.topic != B2Topic::kExpiry;
    });
    if (!bad) SayFit();
    return std::move(findings_);
  }

 private:
  void Add(B2Level level, B2Topic topic, std::string message, std::string remedy) {
    findings_.push_back({level, topic, std::move(message), std::move(remedy)});
  }
  [[nodiscard]] std::string NewKey(const std::string& more = {}) const {
    return MakeKey(account_, demand_, more);
  }

  void JudgeExpiry() {
    if (!account_.expires || *account_.expires > now_ + kB2ExpiryWarning) return;
    const std::string when = FormatRfc3339(*account_.expires);
    if (*account_.expires <= now_) {
      return Add(B2Level::kError, B2Topic::kExpiry,
                 fmt::format("the key expired at {}: nothing can be backed up or restored", when),
                 NewKey());
    }
    Add(B2Level::kWarning, B2Topic::kExpiry,
        fmt::format("the key expires in {}, at {}: then nothing can be backed up or restored",
                    FormatDuration(*account_.expires - now_), when),
        NewKey());
  }

  void JudgeCapability(const Capability& capability) {
    if (Has(account_, capability.name)) return;
    if (capability.only_for_writing && !demand_.writes) return;
    const bool works = IsS3(demand_) && S3DoesWithout(capability.name);
    Add(works ? B2Level::kWarning : B2Level::kError, B2Topic::kCapability,
        fmt::format(
            "the key lacks the capability {}: {}", capability.name,
            works ? "not everything can be looked at, or removed for good" : capability.without),
        NewKey(capability.name));
  }

  void JudgeS3() {
    if (!IsS3(demand_)) return;
    if (demand_.key_id == account_.account_id) {
      Add(B2Level::kError, B2Topic::kKey,
          "this is the master key, which Backblaze's S3 interface does not take", NewKey());
    }
    const std::string endpoint =
        fmt::format("https://s3.{}.backblazeb2.com", demand_.address.region);
    if (!account_.s3_api_url.empty() && account_.s3_api_url != endpoint) {
      Add(B2Level::kError, B2Topic::kBucket,
          fmt::format("repository.url names {}, but the account lies at {}", endpoint,
                      OneLine(account_.s3_api_url, 100)),
          fmt::format("write repository.url: s3:{}/{}", OneLine(account_.s3_api_url, 100),
                      demand_.address.bucket +
                          (demand_.address.path.empty() ? "" : "/" + demand_.address.path)));
    }
    if (account_.buckets && !Has(account_, "listAllBucketNames")) {
      Add(B2Level::kWarning, B2Topic::kCapability,
          "the key is bound to a bucket and lacks the capability listAllBucketNames, which "
          "Backblaze's S3 interface wants of such a key",
          NewKey("listAllBucketNames"));
    }
  }

  void JudgeBuckets() {
    if (!account_.buckets) return;
    std::vector<std::string> names;
    for (const B2KeyBucket& bucket : *account_.buckets)
      names.push_back(bucket.name.empty() ? "one that is gone" : OneLine(bucket.name, 100));
    const bool fits = std::ranges::any_of(*account_.buckets, [&](const B2KeyBucket& bucket) {
      return bucket.name == demand_.address.bucket;
    });
    if (!fits) {
      return Add(B2Level::kError, B2Topic::kBucket,
                 fmt::format("the key is not for the bucket {}, but for {}", demand_.address.bucket,
                             names.empty() ? "none" : OneLine(Join(names, ", "), 200)),
                 "correct the bucket in repository.url, or " + NewKey());
    }
    if (IsS3(demand_) || account_.buckets->size() == 1) return;
    Add(B2Level::kError, B2Topic::kBucket,
        fmt::format("the key is bound to {} buckets; restic's native client of B2 knows only keys "
                    "for one bucket or for all",
                    account_.buckets->size()),
        NewKey() + "; or use the S3 interface: s3:https://s3.REGION.backblazeb2.com/BUCKET/PATH");
  }

  void JudgePrefix() {
    const std::string names = NamePrefixOf(demand_.address);
    if (names.starts_with(account_.name_prefix)) return;
    const std::string where =
        names.empty() ? "in the whole bucket" : fmt::format("below {}", names);
    Add(B2Level::kError, B2Topic::kBucket,
        fmt::format("the key is only for files whose name starts with \"{}\", but the "
                    "repository lies {}",
                    OneLine(account_.name_prefix, 100), where),
        "correct the path in repository.url, or " + NewKey());
  }

  void SayFit() {
    const std::string until =
        account_.expires ? "until " + FormatRfc3339(*account_.expires) : "for ever";
    Add(B2Level::kOk, B2Topic::kKey,
        fmt::format("Backblaze takes the key, which may do what is needed, {}", until), "");
  }

  const B2Account& account_;
  const B2Demand& demand_;
  UnixTime now_;
  std::vector<B2Finding> findings_;
};

}  // namespace

B2Demand DemandOf(const Config& config, const B2Address& address, std::string key_id,
                  RepositoryKnown repository_known) {
  const bool backs_up = std::ranges::any_of(config.targets, &Target::enabled);
  const bool known = repository_known == RepositoryKnown::kYes || !config.repository.id.empty();
  return {address, std::move(key_id),
          backs_up || config.maintenance.prune || config.maintenance.check,
          config.repository.init == InitRule::kIfMissing && !known};
}

bool MayListBucket(const B2Account& account, const B2Demand& demand) {
  if (!Has(account, "listBuckets")) return false;
  return !account.buckets || std::ranges::any_of(*account.buckets, [&](const B2KeyBucket& bucket) {
    return bucket.name == demand.address.bucket;
  });
}

std::vector<B2Finding> JudgeB2Key(const B2Account& account, const B2Demand& demand, UnixTime now) {
  return KeyJudge(account, demand, now).Judge();
}

}  // namespace targets
