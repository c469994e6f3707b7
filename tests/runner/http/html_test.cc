#include "runner/http/html.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace runner {
namespace {

TEST(Html, EscapesEveryTextThatFillsAHole) {
  EXPECT_EQ(Tag("<td>{}</td>", "<script>alert(1)</script>").str(),
            "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>");
  EXPECT_EQ(Tag("<td title=\"{}\">", std::string("\" onload='x' &")).str(),
            "<td title=\"&quot; onload=&#39;x&#39; &amp;\">");
}

TEST(Html, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(Tag("{}",
                "Gr\xC3\xBC\xC3\x9F"
                "e")
                .str(),
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(Tag("{}", std::string_view("a\xFF"
                                       "b"))
                .str(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Html, ReplacesNulAndOtherControlCharacters) {
  EXPECT_EQ(Tag("{}", std::string_view("a\0b\x1b\x7f", 5)).str(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Tag("{}", "a\tb\nc").str(), "a\tb\nc");
}

TEST(Html, DoesNotEscapeHtmlASecondTime) {
  const Html inner = Tag("<b>{}</b>", "<");
  EXPECT_EQ(Tag("<p>{}</p>", inner).str(), "<p><b>&lt;</b></p>");
}

TEST(Html, AHoleInATextIsNoHole) { EXPECT_EQ(Tag("{}-{}", "{}", 7).str(), "{}-7"); }

TEST(Html, ComesFromNothingButLiteralsAndEscapedText) {
  static_assert(!std::is_constructible_v<Html, std::string>);
  static_assert(!std::is_constructible_v<Html, const char*>);
  static_assert(!std::is_assignable_v<Html&, std::string>);
  static_assert(!std::is_constructible_v<HtmlPattern<>, std::string>);
  static_assert(!std::is_constructible_v<HtmlPattern<>, const char*>);
  Html html = Tag("<p>");
  html += Tag("</p>");
  EXPECT_EQ(html.str(), "<p></p>");
}

}  // namespace
}  // namespace runner
