#pragma once

#include <string>
#include <vector>

#include "targets/b2/judge.h"

namespace targets::b2_world {

inline constexpr UnixTime kNow{std::chrono::seconds{1'800'000'000}};

/// A good key of the account "acc0123", for backups into b2:vault:host.
struct World {
  B2Account account{
      .account_id = "acc0123",
      .api_url = "https://api004.backblazeb2.com",
      .s3_api_url = "https://s3.us-west-004.backblazeb2.com",
      .capabilities = {"listBuckets", "listFiles", "readFiles", "writeFiles", "deleteFiles"}};
  B2Demand demand{.address = {.bucket = "vault", .path = "host"}, .key_id = "004acc0123001"};
  B2Bucket bucket{"vault", "allPrivate", {{"", std::nullopt, 1}}};

  void UseS3(const std::string& region = "us-west-004") {
    demand.address.interface = B2Interface::kS3;
    demand.address.region = region;
  }
  void BindTo(std::vector<std::string> names) {
    account.buckets.emplace();
    for (std::string& name : names) account.buckets->push_back({"id-" + name, std::move(name)});
  }

  /// "ERROR message", or only "ok" for each that is well.
  static std::vector<std::string> Lines(const std::vector<B2Finding>& findings) {
    std::vector<std::string> lines;
    for (const B2Finding& finding : findings) {
      switch (finding.level) {
        case B2Level::kOk:
          lines.push_back("ok");
          break;
        case B2Level::kNote:
          lines.push_back("note " + finding.message);
          break;
        case B2Level::kWarning:
          lines.push_back("WARNING " + finding.message);
          break;
        case B2Level::kError:
          lines.push_back("ERROR " + finding.message);
          break;
      }
    }
    return lines;
  }
  [[nodiscard]] std::vector<std::string> Key() const {
    return Lines(JudgeB2Key(account, demand, kNow));
  }
  [[nodiscard]] std::vector<std::string> Bucket() const {
    return Lines(JudgeB2Bucket({{"another", "allPublic", {}}, bucket}, account, demand));
  }
};

}  // namespace targets::b2_world
