#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/workspace.h"

namespace runner::testing {

/// Debian's Chromium without a window, driven by its chromedriver, with a profile of its own in the
/// workspace. One page at a time. What fails in the driver fails the test; an answer is null then.
/// Both programs end with the object.
class Browser {
 public:
  enum class Scripts { kRun, kOff };

  explicit Browser(const Workspace& workspace, Scripts scripts = Scripts::kRun);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Returns when the page and what it refers to is loaded.
  void Open(const std::string& url);
  /// CSS pixels.
  void Resize(int width, int height);
  void PreferDark();

  /// What `return ...` of the body gives. Runs although the page itself may run no scripts.
  rapidjson::Document Script(const std::string& body);
  /// The same for a body that calls arguments[0] with its result later.
  rapidjson::Document ScriptLater(const std::string& body);
  std::string TextOf(const std::string& selector);
  bool Has(const std::string& selector);
  void Click(const std::string& selector);
  void Type(const std::string& selector, const std::string& text);
  std::string Url();
  /// A PNG of the whole page.
  void Screenshot(const std::string& file);

  /// What the console said since the last call that is an error or a warning.
  std::vector<std::string> Complaints();
  /// Every URL that was asked for since the last call, from whomever.
  std::vector<std::string> Requests();

 private:
  rapidjson::Document Ask(const std::string& method, const std::string& path,
                          const std::string& body);
  rapidjson::Document InSession(const std::string& path, const std::string& body);
  void DevTools(const std::string& command, const std::string& parameters);
  std::string Element(const std::string& selector);
  rapidjson::Document Log(const std::string& type);

  std::unique_ptr<Background> driver_;
  std::uint16_t port_ = 0;
  std::string session_;
};

}  // namespace runner::testing
