#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/b2_server/faults.h"

namespace runner::testing {

enum class Doing { kRun, kRestore, kCheck, kPrune };

/// What the key may not do, or where it may not go.
struct KeyRights {
  std::string lacks = "";
  std::string prefix = "";
  std::string secret = "";  // instead of its own
  std::string bucket = "";  // bound to this one instead
};

/// How a run ends, and the one after B2 is well again.
struct Expected {
  int code = 0;             // of the runner
  std::string cause = {};   // in the marker, a regular expression; empty: it says SUCCESS
  int after = 0;            // the code of the next run
  bool locks_stay = false;  // until they are old enough to be recognised
};

struct Row {
  std::string name;
  Expected expected;
  std::vector<b2::Fault> faults = {};
  KeyRights key = {};
  Doing doing = Doing::kRun;
  std::optional<Expected> newest = {};  // if the newest restic is different
};

/// What native B2 can do to a run.
std::vector<Row> Rows();

}  // namespace runner::testing
