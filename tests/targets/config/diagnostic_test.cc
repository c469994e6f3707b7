#include "targets/config/diagnostic.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

Diagnostic Sample() {
  Diagnostic out;
  out.file = "backup.yaml";
  out.line = 12;
  out.column = 5;
  out.path = "targets.photos.retension";
  out.message = "unknown key";
  out.hint = "did you mean \"retention\"?";
  out.source_line = "    retension: {}";
  return out;
}

TEST(RenderDiagnostic, SaysWhereWhatAndWhatToDoWithACaret) {
  EXPECT_EQ(RenderDiagnostic(Sample()),
            "backup.yaml:12:5: targets.photos.retension: unknown key; did you mean \"retention\"?\n"
            "      retension: {}\n"
            "      ^\n");
}

TEST(RenderDiagnostic, MarksWarnings) {
  Diagnostic warning = Sample();
  warning.severity = DiagnosticSeverity::kWarning;
  EXPECT_TRUE(RenderDiagnostic(warning).starts_with("backup.yaml:12:5: warning: targets.photos."));
}

TEST(RenderDiagnostic, NeedsNoFile) {
  Diagnostic out;
  out.path = "env PUID";
  out.message = "bad";
  EXPECT_EQ(RenderDiagnostic(out), "env PUID: bad\n");
}

TEST(RenderDiagnostic, ShowsControlCharactersAsDots) {
  Diagnostic out = Sample();
  out.source_line = "\tx\x1B[31m\x7F";
  EXPECT_NE(RenderDiagnostic(out).find("  .x.[31m.\n"), std::string::npos);
}

TEST(RenderDiagnostic, CutsLongLinesAroundTheCaret) {
  Diagnostic out = Sample();
  out.column = 1001;
  out.source_line = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  const std::string text = RenderDiagnostic(out);
  EXPECT_LT(text.size(), 600U);
  const std::size_t line = text.find('\n') + 1;
  const std::size_t caret_line = text.find('\n', line) + 1;
  EXPECT_EQ(text.find('X') - line, text.find('^') - caret_line);
}

TEST(RenderDiagnostic, CountsCharactersForTheCaret) {
  Diagnostic out = Sample();
  out.column = 4;
  out.source_line = "\xC3\xA4\xC3\xB6: x";
  EXPECT_TRUE(RenderDiagnostic(out).ends_with("\n     ^\n"));
}

TEST(RenderDiagnostic, KeepsTheCaretOnAMaskedLine) {
  Diagnostic out = Sample();
  out.column = 500;
  out.source_line = "password: ***";
  EXPECT_TRUE(RenderDiagnostic(out).ends_with("^\n"));
}

}  // namespace
}  // namespace targets
