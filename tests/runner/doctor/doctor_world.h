#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runner/doctor/collect.h"
#include "runner/doctor/render.h"
#include "runner/doctor/report.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"

namespace runner::doctor_world {

using testing::HasWords;
using testing::Script;

inline const targets::TargetId kPhotos("photos");
inline constexpr targets::Bytes kGiB = targets::Bytes{1} << 30;

/// A machine on which all is well: root, one source with data, the newest restic, a lot of room.
class DoctorWorld {
 public:
  DoctorWorld() {
    config_.instance = targets::InstanceName("server1");
    config_.state_dir = "/var/lib/runner";
    targets::Target photos;
    photos.id = kPhotos;
    photos.source = targets::DirectorySource{"/data/photos"};
    config_.targets = {photos};
    files_.AddFolder("/data/photos");
    files_.AddFolder("/var/lib/runner/cache");
    files_.AddFile("/proc/self/mountinfo", Mounted("ext4", "/var/lib/runner", "ext4"));
    files_.SetSpace("/", {100 * kGiB, 50 * kGiB});
    processes_.When(HasWords({"restic", "version"}), Script().Prints("restic 0.99.0\n").Exits(0));
    SourceIs("has_data");
  }

  static std::string Mounted(const std::string& root_type, const std::string& point,
                             const std::string& type) {
    return "1 0 8:1 / / rw - " + root_type + " none rw\n2 1 8:2 / " + point + " rw - " + type +
           " none rw\n";
  }

  targets::Target& photos() { return config_.targets.front(); }

  void SourceIs(const std::string& state) {
    processes_.When(
        HasWords({"inspect-source"}),
        Script()
            .Prints(R"({"state":")" + state + R"(","detail":"so it is","path":"/data/photos"})")
            .Exits(0));
  }
  void ResticIs(Script script) {
    processes_.When(HasWords({"restic", "version"}), std::move(script));
  }
  void Remember(const TargetFacts& facts) {
    EXPECT_TRUE(folder_.Prepare(clock_.Now()));
    EXPECT_TRUE(facts_.WriteTarget(kPhotos, facts));
  }

  DoctorReport Look() {
    DoctorInput input =
        CollectForDoctor(config_, query_, files_, processes_, inspector_, redactor_, clock_);
    input.storage = storage_;
    return Diagnose(input);
  }
  std::string Text() { return RenderDoctorText(Look()); }
  /// Everything but what is well.
  std::string Bad() {
    DoctorReport report = Look();
    std::erase_if(report.findings,
                  [](const DoctorFinding& f) { return f.level == DoctorLevel::kOk; });
    return RenderDoctorText(report);
  }

  targets::Config config_;
  DoctorQuery query_;
  std::optional<StorageLook> storage_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  targets::Redactor redactor_;
  StateFolder folder_{files_, "/var/lib/runner"};
  FactStore facts_{files_, folder_};
  MarkerStore markers_{files_, redactor_, folder_};
  SourceInspector inspector_{processes_, config_, "runner"};
};

}  // namespace runner::doctor_world
