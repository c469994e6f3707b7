#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/integration/forged_repository.h"
#include "tests/support/b2_server/test_ca.h"
#include "tests/support/recording_server.h"
#include "tests/support/smtp_server.h"
#include "tests/support/workspace.h"

namespace runner::testing {

/// The built program with channels that lead to servers on this machine.
class NotifyTest : public ::testing::Test {
 protected:
  NotifyTest() {
    const targets::ForgedRepository repository(ws_.Path("repo"), "correct horse");
    ws_.Write("photos/a.jpg", "aaa");
    Configure("");
  }

  /// `channels`: below notify:, indented by two. One target, photos.
  void Configure(const std::string& channels) {
    ws_.Write("backup.yaml", ws_.ConfigHead() + (channels.empty() ? "" : "notify:\n" + channels) +
                                 "targets:\n  photos:\n    source: " + ws_.Path("photos") +
                                 "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n");
  }
  Ran Test() { return ws_.Runner({"notify", "--test"}); }

  void TakePhotosAway() { std::filesystem::rename(ws_.Path("photos"), ws_.Path("away")); }
  void BringPhotosBack() { std::filesystem::rename(ws_.Path("away"), ws_.Path("photos")); }

  Workspace ws_;
};

}  // namespace runner::testing
