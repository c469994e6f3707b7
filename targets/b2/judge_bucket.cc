#include <fmt/format.h>

#include <algorithm>

#include "targets/b2/judge.h"
#include "targets/base/text.h"

namespace targets {
namespace {

constexpr std::string_view kBucketPage = "https://secure.backblaze.com/b2_buckets.htm";

std::string KeepLastVersion(const B2Demand& demand) {
  return fmt::format(
      "choose \"Keep only the last version of the file\" on {}, or "
      "`b2 bucket update --lifecycle-rule '{{\"daysFromHidingToDeleting\": 1, "
      "\"daysFromUploadingToHiding\": null, \"fileNamePrefix\": \"\"}}' {}`",
      kBucketPage, ShellQuote(demand.address.bucket));
}

B2Finding Missing(const B2Account& account, const B2Demand& demand) {
  const std::string& bucket = demand.address.bucket;
  const bool creates = demand.may_create && !account.buckets;
  if (creates && account.capabilities.contains("writeBuckets")) {
    return {B2Level::kNote, B2Topic::kBucket,
            fmt::format("the bucket {} does not exist yet; the first run makes it", bucket),
            "nothing, if the name is right"};
  }
  const std::string make = fmt::format("`b2 bucket create {} allPrivate`", ShellQuote(bucket));
  if (creates) {
    return {B2Level::kError, B2Topic::kBucket,
            fmt::format("the bucket {} does not exist, and the key lacks the capability "
                        "writeBuckets to make it",
                        bucket),
            fmt::format("correct repository.url, or make it on {} or with {}", kBucketPage, make)};
  }
  return {B2Level::kError, B2Topic::kBucket,
          fmt::format("the bucket {} does not exist in the account of this key", bucket),
          fmt::format("correct repository.url or the key; a new bucket is made on {} or with {}",
                      kBucketPage, make)};
}

/// The rule is about at least one file of the repository.
bool Concerns(const B2LifecycleRule& rule, const std::string& names) {
  return names.starts_with(rule.prefix) || rule.prefix.starts_with(names);
}

void JudgeType(const B2Bucket& bucket, const B2Demand& demand, std::vector<B2Finding>& findings) {
  const std::string make = fmt::format("`b2 bucket update {} allPrivate`, or choose private on {}",
                                       ShellQuote(demand.address.bucket), kBucketPage);
  if (bucket.type == "allPublic") {
    findings.push_back(
        {B2Level::kError, B2Topic::kSettings,
         fmt::format("the bucket {} is public: anybody can download the repository, and try "
                     "passwords on it",
                     bucket.name),
         make});
  } else if (bucket.type != "allPrivate") {
    findings.push_back({B2Level::kWarning, B2Topic::kSettings,
                        fmt::format("the bucket {} is of the type {}, not private", bucket.name,
                                    OneLine(bucket.type, 40)),
                        make});
  }
}

void JudgeRules(const B2Bucket& bucket, const B2Demand& demand, std::vector<B2Finding>& findings) {
  const std::string names = NamePrefixOf(demand.address);
  const auto destroys = std::ranges::find_if(bucket.rules, [&](const B2LifecycleRule& rule) {
    return rule.days_to_hiding && Concerns(rule, names);
  });
  if (destroys != bucket.rules.end()) {
    findings.push_back(
        {B2Level::kError, B2Topic::kSettings,
         fmt::format("a lifecycle rule of the bucket {} hides files {} days after their upload: it "
                     "destroys the repository",
                     bucket.name, *destroys->days_to_hiding),
         "remove that rule now; " + KeepLastVersion(demand)});
    return;
  }
  const bool cleans = std::ranges::any_of(bucket.rules, [&](const B2LifecycleRule& rule) {
    return rule.days_to_deleting && names.starts_with(rule.prefix);
  });
  if (cleans) return;
  const std::string_view costs =
      demand.address.interface == B2Interface::kS3
          ? "over the S3 interface restic only hides what it removes, so the storage, and its "
            "price, grow for ever"
          : "those that a broken connection leaves are paid for ever";
  findings.push_back({B2Level::kWarning, B2Topic::kSettings,
                      fmt::format("no lifecycle rule of the bucket {} deletes old versions of "
                                  "files: {}",
                                  bucket.name, costs),
                      KeepLastVersion(demand)});
}

}  // namespace

std::vector<B2Finding> JudgeB2Bucket(const std::vector<B2Bucket>& listed, const B2Account& account,
                                     const B2Demand& demand) {
  const auto bucket = std::ranges::find(listed, demand.address.bucket, &B2Bucket::name);
  if (bucket == listed.end()) return {Missing(account, demand)};
  std::vector<B2Finding> findings;
  JudgeType(*bucket, demand, findings);
  JudgeRules(*bucket, demand, findings);
  if (findings.empty()) {
    findings.push_back({B2Level::kOk, B2Topic::kBucket,
                        fmt::format("the bucket {} is private and keeps only the last version of "
                                    "each file",
                                    bucket->name),
                        ""});
  }
  return findings;
}

}  // namespace targets
