#include <gmock/gmock.h>

#include "tests/runner/doctor/doctor_world.h"

namespace runner {
namespace {

using doctor_world::DoctorWorld;
using targets::B2Level;
using targets::B2Topic;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(DoctorStorage, SaysNothingIfThereIsNobodyToAsk) {
  DoctorWorld world;
  EXPECT_THAT(world.Text(), Not(HasSubstr("storage")));
}

TEST(DoctorStorage, ShowsEachFindingWithWhatToDo) {
  DoctorWorld world;
  world.storage_ = StorageLook{
      .b2 = {.findings = {{B2Level::kOk, B2Topic::kKey, "taken", ""},
                          {B2Level::kNote, B2Topic::kBucket, "not yet there", "wait"},
                          {B2Level::kWarning, B2Topic::kExpiry, "expires", "make another"},
                          {B2Level::kError, B2Topic::kSettings, "public", "make it private"}}}};
  EXPECT_THAT(world.Text(),
              AllOf(HasSubstr("ok       storage: taken\n"),
                    HasSubstr("note     storage: not yet there\n           do: wait\n"),
                    HasSubstr("WARNING  storage: expires\n           do: make another\n"),
                    HasSubstr("ERROR    storage: public\n           do: make it private\n"),
                    HasSubstr("not ready: 1 error and 1 warning")));
}

TEST(DoctorStorage, SaysWhyItCouldNotAsk) {
  DoctorWorld world;
  world.storage_ =
      StorageLook{.b2 = {.failure = Failure{Cause::kNetwork, "no way there", "check it", {}}}};
  EXPECT_THAT(world.Text(), HasSubstr("ERROR    storage: no way there\n"
                                      "           do: check it; `runner doctor --offline` does "
                                      "without the question\n"));
  world.storage_->b2.failure = Failure{Cause::kKeyRefused, "refused", "make a new one", {}};
  EXPECT_THAT(world.Text(), HasSubstr("ERROR    storage: refused\n"
                                      "           do: make a new one\n"));
}

TEST(DoctorStorage, NotesAKeyThatOnlyResticKnows) {
  DoctorWorld world;
  world.storage_ = StorageLook{.key_known = false};
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("note     storage: Backblaze B2 is not asked"),
                                 HasSubstr("ready\n")));
}

}  // namespace
}  // namespace runner
