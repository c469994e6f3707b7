#include "targets/yaml/node_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

#include "targets/base/text.h"
#include "targets/yaml/syntax_message.h"

namespace targets {
namespace {

constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

std::vector<std::string_view> LinesOf(std::string_view text) { return Split(text, '\n'); }

/// Turns yaml-cpp's byte columns into character columns. Cheap because marks come almost in order.
class Locator {
 public:
  explicit Locator(const std::string& text) : lines_(LinesOf(text)) {}

  SourcePosition At(const YAML::Mark& mark) {
    if (mark.is_null() || mark.line < 0) return {1, 1};
    const auto line = static_cast<std::size_t>(mark.line);
    const auto wanted = static_cast<std::size_t>(std::max(mark.column, 0));
    if (line != line_ || wanted < bytes_) {
      line_ = line;
      bytes_ = 0;
      characters_ = 0;
    }
    const std::string_view content = Line(line);
    for (; bytes_ < wanted; ++bytes_) {
      const bool tail =
          bytes_ < content.size() && (static_cast<unsigned char>(content[bytes_]) & 0xC0U) == 0x80U;
      if (!tail) ++characters_;
    }
    return {mark.line + 1, characters_ + 1};
  }

  [[nodiscard]] std::string_view Line(std::size_t line) const {
    return line < lines_.size() ? lines_[line] : std::string_view();
  }

  /// False if a quoted scalar begins at `mark` and the text ends before its closing quote (yaml-cpp
  /// then takes the rest of the file for its value).
  [[nodiscard]] bool QuoteCloses(const YAML::Mark& mark) const {
    const std::string_view here = TextAt(mark);
    if (!here.starts_with('"') && !here.starts_with('\'')) return true;
    const char quote = here[0];
    const char* const end = lines_.back().data() + lines_.back().size();
    for (const char* at = here.data() + 1; at < end; ++at) {
      if (quote == '"' && *at == '\\') {
        ++at;
      } else if (*at == quote) {
        if (quote == '"' || at + 1 == end || at[1] != quote) return true;
        ++at;  // a doubled single quote is a character
      }
    }
    return false;
  }

  [[nodiscard]] std::string_view TextAt(const YAML::Mark& mark) const {
    const std::string_view line = mark.line < 0 ? "" : Line(static_cast<std::size_t>(mark.line));
    const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
    return column < line.size() ? line.substr(column) : std::string_view();
  }

 private:
  std::vector<std::string_view> lines_;
  std::size_t line_ = 0;
  std::size_t bytes_ = 0;
  int characters_ = 0;
};

class Recorder : public YAML::EventHandler {
 public:
  Recorder(NodeTree& tree, Locator& locator) : tree_(tree), locator_(locator) {}

  [[nodiscard]] bool overflowed() const { return overflow_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      Problem(mark, "a second document starts here; the file must hold exactly one",
              "remove the line with --- or put the second document into a file of its own");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    const std::string_view written = locator_.TextAt(mark);
    node.absent =
        !written.starts_with('~') && !written.starts_with('n') && !written.starts_with('N');
    Add(mark, anchor, std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Ignoring()) return;
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) return;
    for (const std::size_t open : open_) {
      if (open == known->second) {
        Problem(mark, "this alias stands inside the value that it repeats", "write the value out");
        Add(mark, YAML::NullAnchor, YamlNode{});
        return;
      }
    }
    Attach(known->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.plain = tag == "?";
    node.text = value;
    if (!node.plain && !Ignoring() && !locator_.QuoteCloses(mark)) {
      Problem(mark, "the quotation mark is never closed", "add the closing quote");
    }
    if (tag != "?" && tag != "!" && tag != kStringTag) node.tag = tag;
    Add(mark, anchor, std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  [[nodiscard]] bool Ignoring() const { return overflow_ || documents_ > 1; }

  void Problem(const YAML::Mark& mark, std::string message, std::string hint) {
    tree_.problems.push_back({locator_.At(mark), "", std::move(message), std::move(hint)});
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    if (tag != "?" && tag != "!") node.tag = tag;
    const std::size_t index = Add(mark, anchor, std::move(node));
    open_.push_back(index);
    if (open_.size() > static_cast<std::size_t>(kMaxYamlDepth))
      Overflow(mark, "is nested deeper than 64 levels");
  }

  void Close() {
    if (!open_.empty()) open_.pop_back();
  }

  std::size_t Add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode node) {
    if (Ignoring()) return 0;
    if (tree_.nodes.size() >= kMaxYamlValues) {
      Overflow(mark, fmt::format("has more than {} values", kMaxYamlValues));
      return 0;
    }
    const std::size_t index = tree_.nodes.size();
    node.where = locator_.At(mark);
    tree_.nodes.push_back(std::move(node));
    tree_.has_root = !overflow_;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = index;
    if (index != 0) Attach(index);
    return index;
  }

  void Attach(std::size_t index) {
    if (!open_.empty()) tree_.nodes[open_.back()].children.push_back(index);
  }

  void Overflow(const YAML::Mark& mark, const std::string& what) {
    if (!overflow_) Problem(mark, "the file " + what, "is this the right file?");
    overflow_ = true;
    tree_.has_root = false;
  }

  NodeTree& tree_;
  Locator& locator_;
  std::unordered_map<YAML::anchor_t, std::size_t> anchors_;
  std::vector<std::size_t> open_;
  int documents_ = 0;
  bool overflow_ = false;
};

}  // namespace

NodeTree ReadNodes(const std::string& text) {
  NodeTree tree;
  Locator locator(text);
  Recorder recorder(tree, locator);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(recorder)) parser.HandleNextDocument(recorder);
  } catch (const YAML::Exception& error) {
    if (recorder.overflowed()) return tree;  // already reported
    const std::size_t line = error.mark.line < 0 ? 0 : static_cast<std::size_t>(error.mark.line);
    const SyntaxContext context{locator.Line(line), locator.TextAt(error.mark),
                                line == 0 ? "" : locator.Line(line - 1)};
    Error why = ExplainSyntaxError(error.msg, context);
    tree.problems.push_back(
        {locator.At(error.mark), "", std::move(why.message), std::move(why.hint)});
    tree.has_root = false;
  } catch (const std::exception& error) {
    tree.problems.push_back({{1, 1}, "", fmt::format("cannot be read: {}", error.what()), ""});
    tree.has_root = false;
  }
  return tree;
}

}  // namespace targets
