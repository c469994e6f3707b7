#include "runner/state/marker.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::FromUnixSeconds;

struct ReadCase {
  const char* name;
  std::string text;
  MarkerStatus status;
  std::optional<long long> time;
  std::string reason;
};

class ReadingMarkers : public ::testing::TestWithParam<ReadCase> {};

TEST_P(ReadingMarkers, UnderstandsWhatPeopleWrite) {
  const Marker marker = ParseMarker(GetParam().text);
  EXPECT_EQ(MarkerStatusName(marker.status), MarkerStatusName(GetParam().status));
  std::optional<targets::UnixTime> time;
  if (GetParam().time.has_value()) time = FromUnixSeconds(*GetParam().time);
  EXPECT_EQ(marker.time, time);
  EXPECT_EQ(marker.reason, GetParam().reason);
}

constexpr auto kFailed = MarkerStatus::kFailed;
constexpr auto kUnreadable = MarkerStatus::kUnreadable;

INSTANTIATE_TEST_SUITE_P(
    Texts, ReadingMarkers,
    ::testing::Values(
        ReadCase{"Exact", "FAILED\n1728412800\nwrong password\n", kFailed, 1728412800,
                 "wrong password"},
        ReadCase{"NoNewlineAtTheEnd", "FAILED\n1728412800\nTest failure", kFailed, 1728412800,
                 "Test failure"},
        ReadCase{"WindowsLineEnds", "FAILED\r\n1728412800\r\nTest\r\n", kFailed, 1728412800,
                 "Test"},
        ReadCase{"Spaces", "  FAILED \n 1728412800\t\n  Test  \n", kFailed, 1728412800, "Test"},
        ReadCase{"LowerCase", "failed\n1\nTest\n", kFailed, 1, "Test"},
        ReadCase{"StatusAlone", "FAILED", kFailed, std::nullopt, ""},
        ReadCase{"TimeThatIsNone", "FAILED\nyesterday\nTest\n", kFailed, std::nullopt, "Test"},
        ReadCase{"NegativeTime", "FAILED\n-5\nTest\n", kFailed, std::nullopt, "Test"},
        ReadCase{"TimeBeyondTheYear9999", "FAILED\n1728412800000000\nTest\n", kFailed, std::nullopt,
                 "Test"},
        ReadCase{"TimeWithFraction", "FAILED\n1728412800.75\nTest\n", kFailed, 1728412800, "Test"},
        ReadCase{"TimeInRfc3339", "FAILED\n1970-01-01T00:01:00Z\nTest\n", kFailed, 60, "Test"},
        ReadCase{"EmptySecondLine", "FAILED\n\nTest\n", kFailed, std::nullopt, "Test"},
        ReadCase{"EchoOfDash", "-e FAILED\n1728412800\nTest\n", kFailed, 1728412800, "Test"},
        ReadCase{"ByteOrderMark",
                 "\xEF\xBB\xBF"
                 "FAILED\n5\nTest\n",
                 kFailed, 5, "Test"},
        ReadCase{"MoreOnTheFirstLine", "FAILED: disk\n", kFailed, std::nullopt, "FAILED: disk"},
        ReadCase{"EscapesThatStayed", "FAILED\\n1\\nTest", kFailed, std::nullopt,
                 "FAILED\\n1\\nTest"},
        ReadCase{"Blocked", "BLOCKED\n7\nlocked\n", MarkerStatus::kBlocked, 7, "locked"},
        ReadCase{"Running", "RUNNING\n7\n", MarkerStatus::kRunning, 7, ""},
        ReadCase{"Warning", "Warning\n7\n3 files\n", MarkerStatus::kWarning, 7, "3 files"},
        ReadCase{"Success", "SUCCESS\n7\n\n", MarkerStatus::kSuccess, 7, ""},
        ReadCase{"Empty", "", kUnreadable, std::nullopt, "the marker is empty"},
        ReadCase{"OnlySpace", " \n\n", kUnreadable, std::nullopt, "the marker is empty"},
        ReadCase{"UnknownWord", "OK\n7\n", kUnreadable, 7,
                 "the marker says \"OK\", which is no status"},
        ReadCase{"NeverHealthyInDoubt", "SUCCESS?\n7\n", kUnreadable, 7,
                 "the marker says \"SUCCESS?\", which is no status"},
        ReadCase{"LongerWord", "SUCCESSFUL\n7\n", kUnreadable, 7,
                 "the marker says \"SUCCESSFUL\", which is no status"},
        ReadCase{"Zeros", std::string(3, '\0'), kUnreadable, std::nullopt, "the marker is empty"}),
    [](const auto& suite) { return suite.param.name; });

TEST(Marker, FurtherLinesAreDetailsAndUnknownOnesAreKept) {
  const Marker marker = ParseMarker(
      "FAILED\n1\nreason\ncause: wrong_password\nnot a detail\nsome_day: a: b\nBad Key: x\n");
  EXPECT_EQ(marker.details, (std::map<std::string, std::string>{{"cause", "wrong_password"},
                                                                {"some_day", "a: b"}}));
  EXPECT_EQ(marker.Detail(marker_key::kCause), "wrong_password");
  EXPECT_EQ(marker.Detail(marker_key::kSnapshot), "");
}

TEST(Marker, ReadsBackWhatItWrote) {
  const Marker marker{.status = MarkerStatus::kBlocked,
                      .time = FromUnixSeconds(1728412800),
                      .reason = "locked by server2",
                      .details = {{marker_key::kCause, "locked"}, {marker_key::kPid, "12"}}};
  const std::string text = FormatMarker(marker).value();
  EXPECT_EQ(text, "BLOCKED\n1728412800\nlocked by server2\ncause: locked\npid: 12\n");
  EXPECT_EQ(ParseMarker(text), marker);
}

TEST(Marker, AReasonOfManyLinesCannotForgeDetails) {
  const Marker marker{.status = MarkerStatus::kFailed,
                      .time = FromUnixSeconds(1),
                      .reason = "one\ncause: forged",
                      .details = {{"cause", "true\nsnapshot: forged"}}};
  EXPECT_EQ(FormatMarker(marker).value(),
            "FAILED\n1\none cause: forged\ncause: true snapshot: forged\n");
}

TEST(Marker, WritingIsStrict) {
  Marker marker{
      .status = MarkerStatus::kFailed, .time = FromUnixSeconds(1), .reason = "", .details = {}};
  EXPECT_TRUE(FormatMarker(marker));
  marker.details = {{"Bad key", "x"}};
  EXPECT_FALSE(FormatMarker(marker));
  marker.details.clear();
  marker.time.reset();
  EXPECT_FALSE(FormatMarker(marker));
  marker.time = FromUnixSeconds(1);
  marker.status = MarkerStatus::kUnreadable;
  EXPECT_FALSE(FormatMarker(marker));
}

TEST(UnixTimeOfAFile, IsTheNumberInItsFirstLine) {
  EXPECT_EQ(ParseUnixTime("1728412800\n"), FromUnixSeconds(1728412800));
  EXPECT_EQ(ParseUnixTime(" 1728412800 \r\nmore"), FromUnixSeconds(1728412800));
  EXPECT_EQ(ParseUnixTime(""), std::nullopt);
  EXPECT_EQ(ParseUnixTime("12 o'clock"), std::nullopt);
}

}  // namespace
}  // namespace runner
