#include "targets/config/report.h"

#include <algorithm>
#include <set>

#include "targets/base/text.h"
#include "targets/config/masking.h"
#include "targets/yaml/text_check.h"

namespace targets {
namespace {

class Reporter {
 public:
  Reporter(const LoadInput& input, const YamlDocument& file, const Merge& merge)
      : input_(input),
        file_(file),
        merge_(merge),
        text_(NormaliseText(input.yaml.value_or(""))),
        lines_(Split(text_, '\n')),
        redactor_(CollectSecrets(input, merge)) {}

  std::vector<Diagnostic> Run() {
    std::set<SourcePosition> unreadable;
    for (const YamlProblem& problem : file_.problems) {
      if (unreadable.insert(problem.where).second) AddYaml(problem);
    }
    for (const Problem& problem : merge_.problems.all()) {
      const SourcePosition where = PositionOf(problem);
      if (where.line == 0 || !unreadable.contains(where)) AddProblem(problem, where);
    }
    std::stable_sort(out_.begin(), out_.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return Order(a) < Order(b); });
    if (merge_.problems.truncated()) {
      Diagnostic more;
      more.message = "there are more problems than these";
      more.hint = "correct these first";
      out_.push_back(std::move(more));
    }
    return std::move(out_);
  }

 private:
  static std::tuple<bool, int, int, std::string> Order(const Diagnostic& diagnostic) {
    const bool elsewhere = diagnostic.line == 0;
    return {elsewhere, diagnostic.line, diagnostic.column, elsewhere ? diagnostic.path : ""};
  }

  [[nodiscard]] SourcePosition PositionOf(const Problem& problem) const {
    if (problem.where.kind != ValueOrigin::Kind::kFile) return {};
    const auto mark = file_.marks.find(problem.where.name);
    if (mark == file_.marks.end()) return {1, 1};
    return problem.point_at == PointAt::kKey ? mark->second.key : mark->second.value;
  }

  void AddYaml(const YamlProblem& problem) {
    Diagnostic out;
    out.path = DottedPath(problem.pointer, file_.marks);
    out.message = problem.message;
    out.hint = problem.hint;
    Finish(std::move(out), problem.where);
  }

  void AddProblem(const Problem& problem, SourcePosition where) {
    Diagnostic out;
    out.severity = problem.severity;
    out.message = problem.message;
    out.hint = problem.hint;
    if (problem.where.kind == ValueOrigin::Kind::kFile) {
      out.path = DottedPath(problem.where.name, file_.marks);
    } else {
      out.path = problem.where.kind == ValueOrigin::Kind::kEnvironment ? "env " + problem.where.name
                                                                       : "default";
    }
    Finish(std::move(out), where);
  }

  void Finish(Diagnostic out, SourcePosition where) {
    out.path = OneLine(out.path, 200);
    out.message = redactor_.Redact(OneLine(out.message));
    out.hint = redactor_.Redact(OneLine(out.hint));
    if (where.line > 0) {
      out.file = input_.file_name;
      out.line = where.line;
      out.column = where.column;
      const auto index = static_cast<std::size_t>(where.line - 1);
      if (index < lines_.size() && CheckText(lines_[index]) == std::nullopt) {
        out.source_line = redactor_.Redact(MaskedLine(lines_, index));
      }
    }
    out_.push_back(std::move(out));
  }

  const LoadInput& input_;
  const YamlDocument& file_;
  const Merge& merge_;
  std::string text_;
  std::vector<std::string_view> lines_;
  Redactor redactor_;
  std::vector<Diagnostic> out_;
};

}  // namespace

std::vector<Diagnostic> MakeDiagnostics(const LoadInput& input, const YamlDocument& file,
                                        const Merge& merge) {
  if (file.problems.empty() && merge.problems.all().empty()) return {};
  return Reporter(input, file, merge).Run();
}

}  // namespace targets
