#pragma once

#include <string>

#include "runner/http/html.h"
#include "runner/http/look.h"
#include "runner/http/progress_board.h"

namespace runner {

/// Who looks at a page.
struct Viewer {
  /// What one needs to act: kOff, no token is configured; kSignedOut, the token has to be given.
  enum class Rights { kOff, kSignedOut, kMayAct };
  Rights rights = Rights::kOff;
  std::string form_key = {};  // in every form, so that no other site can send one
};

/// A whole page around `content`. `here`: the path of the menu's entry that is shown.
std::string PageOf(const std::string& title, const std::string& here, const Html& content,
                   const std::string& instance, const Viewer& viewer);

/// A page with a heading and a sentence, for what cannot be shown.
Html MessageContent(const std::string& heading, const std::string& sentence);

/// The whole installation at a glance. Pure.
Html OverviewContent(const Look& look, const ProgressMap& progress, const Viewer& viewer);

/// What runs now, one entry each; a sentence if nothing does. Also sent as it changes.
Html RunningList(const StatusReport& report, const ProgressMap& progress);

}  // namespace runner
