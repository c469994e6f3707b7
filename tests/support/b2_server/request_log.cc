#include "tests/support/b2_server/request_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace runner::testing::b2 {

char ClassOf(const std::string& api) {
  static const std::set<std::string> free = {
      "b2_cancel_large_file", "b2_delete_bucket",  "b2_delete_file_version", "b2_delete_key",
      "b2_finish_large_file", "b2_get_upload_url", "b2_get_upload_part_url", "b2_hide_file",
      "b2_start_large_file",  "b2_upload_file",    "b2_upload_part"};
  static const std::set<std::string> reading = {"b2_download_file_by_id",
                                                "b2_download_file_by_name", "b2_get_file_info"};
  if (free.contains(api)) return 'A';
  if (reading.contains(api)) return 'B';
  return api.starts_with("b2_") ? 'C' : '-';
}

std::string ToLine(const Logged& request) {
  const std::string status = request.status == 0 ? "cut" : std::to_string(request.status);
  std::string line =
      fmt::format("{}  {:3}  {:24}  {}", request.price_class, status, request.api, request.name);
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void RequestLog::Add(Logged request) {
  const std::lock_guard lock(mutex_);
  if (listener_) listener_(request);
  requests_.push_back(std::move(request));
}

void RequestLog::Clear() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

std::vector<Logged> RequestLog::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int RequestLog::CountIf(const Filter& filter) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(), filter));
}

int RequestLog::Count(const std::string& api) const {
  return CountIf([&](const Logged& request) { return request.api == api; });
}

int RequestLog::Total() const {
  return CountIf([](const Logged&) { return true; });
}

int RequestLog::Units(char price_class) const {
  int units = 0;
  for (const Logged& request : Requests()) {
    if (request.price_class == price_class) units += request.units;
  }
  return units;
}

std::size_t RequestLog::BytesUploaded() const {
  std::size_t bytes = 0;
  for (const Logged& request : Requests()) {
    if (request.api.starts_with("b2_upload")) bytes += request.bytes_in;
  }
  return bytes;
}

std::size_t RequestLog::BytesDownloaded() const {
  std::size_t bytes = 0;
  for (const Logged& request : Requests()) {
    if (request.api.starts_with("b2_download")) bytes += request.bytes_out;
  }
  return bytes;
}

int RequestLog::MostWithin(std::int64_t window_ms) const {
  const std::vector<Logged> all = Requests();
  std::ptrdiff_t most = 0;
  auto first = all.begin();
  for (auto last = all.begin(); last != all.end(); ++last) {
    while (last->time_ms - first->time_ms >= window_ms) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

}  // namespace runner::testing::b2
