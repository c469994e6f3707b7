#include "targets/model/repository.h"

#include <array>
#include <utility>

namespace targets {

Backend BackendOf(const std::string& url) {
  static constexpr std::array<std::pair<std::string_view, Backend>, 10> kSchemes = {{
      {"b2:", Backend::kB2},
      {"s3:", Backend::kS3},
      {"rest:", Backend::kRest},
      {"sftp:", Backend::kSftp},
      {"rclone:", Backend::kRclone},
      {"local:", Backend::kLocal},
      {"azure:", Backend::kOther},
      {"gs:", Backend::kOther},
      {"swift:", Backend::kOther},
      {"swift-temp:", Backend::kOther},
  }};
  for (const auto& [scheme, backend] : kSchemes) {
    if (url.starts_with(scheme)) return backend;
  }
  return Backend::kLocal;
}

}  // namespace targets
