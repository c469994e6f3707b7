#include "runner/http/page.h"

namespace runner {
namespace {

Html MenuEntry(const char* path, const char* name, const std::string& here) {
  if (here == path) return Tag("<a href=\"{}\" aria-current=\"page\">{}</a>", path, name);
  return Tag("<a href=\"{}\">{}</a>", path, name);
}

Html Session(const Viewer& viewer, const std::string& here) {
  switch (viewer.rights) {
    case Viewer::Rights::kOff:
      return {};
    case Viewer::Rights::kSignedOut:
      return MenuEntry("/login", "Sign in", here);
    case Viewer::Rights::kMayAct:
      return Tag(
          "<form method=\"post\" action=\"/logout\"><input type=\"hidden\" name=\"key\" "
          "value=\"{}\"><button class=\"plain\">Sign out</button></form>",
          viewer.form_key);
  }
  return {};
}

}  // namespace

std::string PageOf(const std::string& title, const std::string& here, const Html& content,
                   const std::string& instance, const Viewer& viewer) {
  Html menu = MenuEntry("/", "Overview", here);
  menu += MenuEntry("/plan", "Plan", here);
  menu += Session(viewer, here);
  return Tag("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<title>{} \u2013 {}</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n"
             "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n"
             "<script src=\"/page.js\" defer></script>\n</head>\n<body>\n"
             "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
             "<header><p class=\"instance\">{}</p><nav aria-label=\"Pages\">{}</nav></header>\n"
             "<main id=\"content\" tabindex=\"-1\">\n{}</main>\n</body>\n</html>\n",
             title, instance, instance, menu, content)
      .str();
}

Html MessageContent(const std::string& heading, const std::string& sentence) {
  return Tag("<h1>{}</h1>\n<p>{}</p>\n", heading, sentence);
}

}  // namespace runner
