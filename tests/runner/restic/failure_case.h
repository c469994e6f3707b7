#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "runner/restic/failure.h"

namespace runner {

inline constexpr targets::ResticVersion kOld{0, 14, 0};
inline constexpr targets::ResticVersion kNew{0, 19, 1};

/// One text that restic printed, and what it means.
struct Case {
  const char* name;
  targets::ResticVersion version;
  int code;
  const char* text;
  Cause cause;
  const char* reason;  // expected to be a part of the reason
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

inline ProcessResult Ended(int code, std::string stderr_text, StopCause cause = StopCause::kNone) {
  ProcessResult result;
  result.status = Exited{code};
  result.stderr_tail = std::move(stderr_text);
  result.stop_cause = cause;
  return result;
}

inline void ExpectClassified(const Case& c) {
  const auto failure = Classify(Ended(c.code, c.text), c.version);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(CauseName(failure->cause), CauseName(c.cause)) << failure->reason;
  EXPECT_NE(failure->reason.find(c.reason), std::string::npos) << failure->reason;
  EXPECT_EQ(failure->reason.find('\n'), std::string::npos);
  EXPECT_FALSE(failure->reason.starts_with("Fatal: ")) << failure->reason;
  EXPECT_EQ(failure->hint.empty(), c.cause == Cause::kUnknown) << failure->hint;
}

}  // namespace runner
