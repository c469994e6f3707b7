#include "tests/support/b2_server/request_log.h"

#include <gtest/gtest.h>

namespace runner::testing::b2 {
namespace {

Logged Of(const std::string& api, std::int64_t time_ms = 0) {
  return {.time_ms = time_ms, .api = api, .price_class = ClassOf(api), .status = 200};
}

TEST(RequestLog, KnowsThePriceClassOfACall) {
  EXPECT_EQ(ClassOf("b2_upload_part"), 'A');
  EXPECT_EQ(ClassOf("b2_delete_file_version"), 'A');
  EXPECT_EQ(ClassOf("b2_get_file_info"), 'B');
  EXPECT_EQ(ClassOf("b2_download_file_by_name"), 'B');
  EXPECT_EQ(ClassOf("b2_authorize_account"), 'C');
  EXPECT_EQ(ClassOf("b2_list_file_names"), 'C');
  EXPECT_EQ(ClassOf("CONNECT"), '-');
}

TEST(RequestLog, CountsCallsAndBilledUnits) {
  RequestLog log;
  log.Add(Of("b2_upload_file"));
  Logged listing = Of("b2_list_file_names");
  listing.units = 3;
  log.Add(listing);
  log.Add(Of("b2_authorize_account"));
  log.Add(Of("b2_get_file_info"));
  EXPECT_EQ(log.Total(), 4);
  EXPECT_EQ(log.Count("b2_list_file_names"), 1);
  EXPECT_EQ(log.ClassA(), 1);
  EXPECT_EQ(log.ClassB(), 1);
  EXPECT_EQ(log.ClassC(), 4);
  log.Clear();
  EXPECT_EQ(log.Total(), 0);
}

TEST(RequestLog, CountsBytesOfContentOnly) {
  RequestLog log;
  Logged upload = Of("b2_upload_part");
  upload.bytes_in = 100;
  upload.bytes_out = 7;
  log.Add(upload);
  Logged download = Of("b2_download_file_by_id");
  download.bytes_out = 50;
  log.Add(download);
  Logged listing = Of("b2_list_file_names");
  listing.bytes_in = 9;
  log.Add(listing);
  EXPECT_EQ(log.BytesUploaded(), 100U);
  EXPECT_EQ(log.BytesDownloaded(), 50U);
}

TEST(RequestLog, FindsTheBusiestMoment) {
  RequestLog log;
  EXPECT_EQ(log.MostWithin(1000), 0);
  for (const std::int64_t at : {0, 999, 1000, 1001, 1999, 5000}) log.Add(Of("b2_x", at));
  EXPECT_EQ(log.MostWithin(1000), 3);
  EXPECT_EQ(log.MostWithin(1), 1);
  EXPECT_EQ(log.MostWithin(10'000), 6);
}

TEST(RequestLog, TellsItsListener) {
  std::string told;
  RequestLog log([&](const Logged& request) { told += ToLine(request) + "\n"; });
  Logged cut = Of("b2_upload_file");
  cut.status = 0;
  cut.name = "r/a";
  log.Add(cut);
  log.Add(Of("b2_list_buckets"));
  EXPECT_EQ(told, "A  cut  b2_upload_file            r/a\nC  200  b2_list_buckets\n");
}

}  // namespace
}  // namespace runner::testing::b2
