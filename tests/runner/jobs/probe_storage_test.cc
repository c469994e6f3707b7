#include <gmock/gmock.h>

#include "runner/jobs/maintenance.h"
#include "tests/runner/jobs/wave_fixture.h"
#include "tests/support/fake_b2.h"

namespace runner {
namespace {

using std::chrono::hours;
using targets::Stage;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FakeB2;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// The probe of a repository on Backblaze B2.
class ProbeStorageTest : public WaveFixture {
 protected:
  ProbeStorageTest() {
    config_.repository.url = "b2:vault:host";
    config_.targets.emplace_back();
  }

  /// "success: ..." of the report, after an hour.
  std::string Probe() {
    clock_.Advance(hours(1));
    b2_.calls.clear();
    const JobReport report = maintenance_.Probe(stop_);
    return std::string(JobOutcomeName(report.outcome)) + ": " + report.reason;
  }
  Marker ProbeMarker() { return markers_.Read({{}, Stage::kProbe}).value().value(); }
  void ExpiresIn(std::chrono::seconds time) {
    b2_.expires = std::to_string(targets::ToUnixSeconds(clock_.Now() + time) * 1000);
  }
  std::vector<std::string> Remarks() {
    std::vector<std::string> remarks;
    for (const std::string& line : events_.lines()) {
      if (line.find("lifecycle") != std::string::npos ||
          line.find("could not be asked") != std::string::npos)
        remarks.push_back(line);
    }
    return remarks;
  }

  FakeB2 b2_{clock_};
  B2Client client_{b2_, clock_, [this](std::chrono::milliseconds by) { clock_.Advance(by); }, "1"};
  B2Watch watch_{client_,
                 B2AnswerStore(files_, "/state/repository/b2_account.json"),
                 config_,
                 {.bucket = "vault", .path = "host"},
                 {"key-id", targets::Secret("secret")},
                 clock_};
  Maintenance maintenance_{tools_, opener_, gate_, listings_, cleaner_, patience_, &watch_};
};

TEST_F(ProbeStorageTest, SucceedsWithAGoodKeyForOneCallAtMost) {
  EXPECT_EQ(Probe(), "success: repository aaaaaaaaaa answers");
  EXPECT_THAT(b2_.calls, ElementsAre("b2_authorize_account"));
  EXPECT_EQ(Probe(), "success: repository aaaaaaaaaa answers");
  EXPECT_THAT(b2_.calls, ElementsAre("b2_list_buckets"));
  for (int i = 2; i < 24; ++i) {
    EXPECT_EQ(Probe(), "success: repository aaaaaaaaaa answers");
    EXPECT_THAT(b2_.calls, IsEmpty());
  }
  EXPECT_EQ(ProbeMarker().status, MarkerStatus::kSuccess);
}

TEST_F(ProbeStorageTest, WarnsWeeksBeforeTheKeyExpires) {
  ExpiresIn(std::chrono::days(14));
  EXPECT_THAT(Probe(), StartsWith("success: the key expires in 13d23h, at "));
  const Marker marker = ProbeMarker();
  EXPECT_EQ(marker.status, MarkerStatus::kWarning);
  EXPECT_EQ(marker.Detail(marker_key::kCause), "key_refused");
  EXPECT_THAT(marker.Detail(marker_key::kHint), HasSubstr("b2 key create"));
  EXPECT_EQ(markers_.LastSuccess({{}, Stage::kProbe}).value(), clock_.Now())
      << "the repository answered";
  EXPECT_THAT(events_.lines(), Contains(StartsWith("repository: done: the key expires in ")));
}

TEST_F(ProbeStorageTest, FailsWithWhatIsWrong) {
  b2_.capabilities = R"("listBuckets","listFiles","readFiles","writeFiles")";
  EXPECT_THAT(Probe(), StartsWith("failed: the key lacks the capability deleteFiles"));
  EXPECT_EQ(ProbeMarker().status, MarkerStatus::kFailed);
  EXPECT_EQ(ProbeMarker().Detail(marker_key::kCause), "key_refused");
  EXPECT_EQ(markers_.LastSuccess({{}, Stage::kProbe}).value(), std::nullopt);
}

TEST_F(ProbeStorageTest, IsBlockedByACap) {
  b2_.always = FakeB2::Status(403, "transaction_cap_exceeded");
  EXPECT_THAT(Probe(), StartsWith("blocked: the transaction cap of Backblaze B2 is exceeded"));
}

TEST_F(ProbeStorageTest, IsNotMadeToFailByAnUnreachableProvider) {
  b2_.always = FakeB2::Broken(HttpError::Kind::kUntrusted);
  EXPECT_EQ(Probe(), "success: repository aaaaaaaaaa answers");
  EXPECT_THAT(Remarks(), ElementsAre(StartsWith("repository: Backblaze B2 could not be asked")));
}

TEST_F(ProbeStorageTest, ExplainsWhyResticFails) {
  Probe();
  Probe();
  fake_.repository.reset();
  b2_.always = FakeB2::Status(401, "unauthorized");
  EXPECT_THAT(Probe(),
              AllOf(StartsWith("failed: Backblaze B2 refused the key"), HasSubstr("; restic: ")));
}

TEST_F(ProbeStorageTest, TellsTheRestOnlyWhenItAsked) {
  b2_.lifecycle = "";
  Probe();
  EXPECT_THAT(Remarks(), IsEmpty());
  Probe();
  EXPECT_THAT(Remarks(), ElementsAre(HasSubstr("no lifecycle rule")));
  EXPECT_EQ(Probe(), "success: repository aaaaaaaaaa answers");
  EXPECT_EQ(Remarks().size(), 1U);
}

/// Whatever step a kill falls on, no success is claimed that a look at the storage denies.
TEST_F(ProbeStorageTest, MayBeKilledAtAnyStep) {
  b2_.capabilities = R"("listBuckets")";
  for (int step = 1;; ++step) {
    files_.StopBeforeStep(step);
    Probe();
    const bool stopped = files_.Stopped();
    files_.CrashAndLoseUnsynced();
    EXPECT_EQ(markers_.LastSuccess({{}, Stage::kProbe}).value(), std::nullopt) << step;
    if (!stopped) break;
  }
}

}  // namespace
}  // namespace runner
