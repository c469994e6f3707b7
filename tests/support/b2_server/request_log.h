#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace runner::testing::b2 {

/// The price class of a call: A is free, B and C are billed ('-': no call of B2).
char ClassOf(const std::string& api);

struct Logged {
  std::int64_t time_ms = 0;  // when the answer was decided
  std::string api;           // "b2_list_file_names"
  char price_class = '-';
  int status = 0;  // 0: the connection was ended instead
  std::string key_id = {};
  std::string name = {};  // of the file, or the prefix of a listing
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;
  /// Transactions that are billed for it: one, or one per 1,000 names of a listing.
  int units = 1;
};

/// "C  200  b2_list_file_names  r/keys": one line for a person.
std::string ToLine(const Logged& request);

/// Every request that a server saw. Thread-safe.
class RequestLog {
 public:
  using Filter = std::function<bool(const Logged&)>;

  /// `listener`: is told each request while the log is locked; may be empty.
  explicit RequestLog(std::function<void(const Logged&)> listener = {})
      : listener_(std::move(listener)) {}

  void Add(Logged request);
  void Clear();

  [[nodiscard]] std::vector<Logged> Requests() const;
  [[nodiscard]] int CountIf(const Filter& filter) const;
  /// Requests of one call: "b2_upload_file".
  [[nodiscard]] int Count(const std::string& api) const;
  [[nodiscard]] int Total() const;
  /// Billed units per class.
  [[nodiscard]] int ClassA() const { return Units('A'); }
  [[nodiscard]] int ClassB() const { return Units('B'); }
  [[nodiscard]] int ClassC() const { return Units('C'); }
  [[nodiscard]] std::size_t BytesUploaded() const;
  [[nodiscard]] std::size_t BytesDownloaded() const;
  /// The most requests within any `window_ms`: what a client without a pause between its attempts
  /// makes large.
  [[nodiscard]] int MostWithin(std::int64_t window_ms) const;

 private:
  [[nodiscard]] int Units(char price_class) const;

  mutable std::mutex mutex_;
  std::vector<Logged> requests_;
  std::function<void(const Logged&)> listener_;
};

}  // namespace runner::testing::b2
