#include <fmt/format.h>

#include <utility>

#include "runner/restic/restic.h"
#include "targets/base/text.h"

namespace runner {
namespace {

/// What a restore says of files that it could not write. Their names are the user's: only the end
/// of a line is evidence.
class RestoreErrors {
 public:
  void OnLine(std::string_view line) {
    constexpr std::string_view kNoSpace = ": no space left on device";
    const bool counts = line.starts_with("ignoring error for ") ||
                        line.find("\"message_type\":\"error\"") != std::string_view::npos;
    if (!counts) return;
    ++count_;
    disk_full_ = disk_full_ || line.find(kNoSpace) != std::string_view::npos;
    if (first_.empty()) first_ = line;
  }

  /// Makes the reason of a failed restore tell the first of them.
  void Explain(Failure& failure) const {
    if (count_ == 0 || failure.cause == Cause::kInterrupted) return;
    failure.reason =
        targets::OneLine(fmt::format("{} file{} could not be restored, the first: {}", count_,
                                     count_ == 1 ? "" : "s", targets::OneLine(first_, 300)));
    if (!disk_full_) return;
    failure.cause = Cause::kDiskFull;
    failure.hint = "free space on the file system of the source";
  }

  [[nodiscard]] bool Any() const { return count_ > 0; }

 private:
  std::size_t count_ = 0;
  std::string first_;
  bool disk_full_ = false;
};

Failure Refused() {
  return {Cause::kUsage, "refused: a restore needs a full snapshot id and a staging folder", "",
          std::nullopt};
}

}  // namespace

Outcome<targets::SnapshotTree> Restic::Tree(const targets::SnapshotId& id, StopHandle& stop) {
  targets::Argv argv = commands_.Ls(id);
  if (argv.empty()) return tl::unexpected(Refused());
  targets::SnapshotTree tree;
  std::optional<targets::Error> broken;
  ProcessSpec spec = Spec(std::move(argv));
  spec.on_stdout_line = [&](std::string_view line) {
    if (broken || targets::TrimSpace(line).empty()) return;
    auto node = ParseTreeNode(line);
    if (!node) {
      broken = std::move(node.error());
    } else if (node->has_value()) {
      tree.push_back(**std::move(node));
    }
  };
  const auto result = Checked(Run(std::move(spec), stop));
  if (!result) return tl::unexpected(result.error());
  if (broken) {
    return tl::unexpected(
        Failure{Cause::kUnknown, broken->message, "run `runner restic -- ls`", std::nullopt});
  }
  return tree;
}

Outcome<void> Restic::Restore(targets::RestoreRequest request, const StatusHandler& on_status,
                              StopHandle& stop) {
  // Files of root in the cache of another user would stop that user's restic later.
  request.no_cache = request.no_cache || config_.run_as.has_value();
  targets::Argv argv = commands_.Restore(request);
  if (argv.empty()) return tl::unexpected(Refused());
  ProcessSpec spec = Spec(std::move(argv));
  spec.uid.reset();
  spec.gid.reset();
  RestoreErrors errors;
  spec.on_stdout_line = [&on_status](std::string_view line) {
    if (const auto status = ParseRestoreStatus(line); status && on_status) on_status(*status);
  };
  spec.on_stderr_line = [&errors](std::string_view line) {
    errors.OnLine(line);
    return LineVerdict::kContinue;
  };
  const ProcessResult result = Run(std::move(spec), stop);
  auto failure = Classify(result, commands_.version());
  if (!failure && errors.Any()) failure = Failure{Cause::kUnknown, "", "", std::nullopt};
  if (!failure) return {};
  errors.Explain(*failure);
  return tl::unexpected(*std::move(failure));
}

}  // namespace runner
