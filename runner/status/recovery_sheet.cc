#include "runner/status/recovery_sheet.h"

#include <fmt/format.h>

#include <vector>

#include "targets/base/redactor.h"
#include "targets/base/size.h"
#include "targets/base/text.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using targets::ShellQuote;
using targets::Target;

constexpr std::string_view kBlank = "______________________________";

/// What has to be known before restic can be asked: a variable of restic's, and where its value
/// was found on the lost machine.
struct Needed {
  std::string variable;
  std::string what;
  std::string origin;
};

std::string OriginOf(const targets::Config& config, const std::string& pointer,
                     const std::optional<targets::SecretSource>& source) {
  if (source && std::holds_alternative<targets::FileSecret>(*source))
    return "the file " + std::get<targets::FileSecret>(*source).path;
  if (source && std::holds_alternative<targets::CommandSecret>(*source))
    return "the output of a command";
  const auto origin = config.origins.find(pointer);
  return origin == config.origins.end() ? "the configuration" : origin->second;
}

class Sheet {
 public:
  explicit Sheet(const RecoverySheetInput& input) : input_(input), config_(input.config) {}

  std::string Write() {
    Head();
    Secrets();
    Place();
    Look();
    for (const Target& target : config_.targets) Fetch(target);
    Afterwards();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void Line(fmt::format_string<Args...> pattern, Args&&... args) {
    text_ += fmt::format(pattern, std::forward<Args>(args)...) + "\n";
  }
  void Command(const std::string& command) { Line("    {}", command); }

  void Head() {
    Line("RECOVERY SHEET of {}", config_.instance.str());
    Line("Made {} by runner {}.", input_.zone.FormatForPeople(input_.now), input_.version);
    Line("");
    Line("Keep it on paper, away from the machine. It holds no secret; write them down in");
    Line("another safe place, or here, and then guard this page like the data itself.");
  }

  [[nodiscard]] std::vector<Needed> WhatIsNeeded() const {
    const targets::Repository& repository = config_.repository;
    std::vector<Needed> needed = {{"RESTIC_PASSWORD", "without it nobody can read the backups",
                                   OriginOf(config_, "/repository/password", repository.password)}};
    const bool s3 = !targets::BackblazeRegion(repository.url).empty();
    if (repository.b2.account_id) {
      needed.push_back({s3 ? "AWS_ACCESS_KEY_ID" : "B2_ACCOUNT_ID",
                        "the id of a key of Backblaze B2",
                        OriginOf(config_, "/repository/b2/account_id", repository.b2.account_id)});
    }
    if (repository.b2.account_key) {
      needed.push_back(
          {s3 ? "AWS_SECRET_ACCESS_KEY" : "B2_ACCOUNT_KEY", "that key",
           OriginOf(config_, "/repository/b2/account_key", repository.b2.account_key)});
    }
    for (const auto& [name, value] : repository.environment)
      needed.push_back({name, "", OriginOf(config_, "/repository/environment/" + name, {})});
    return needed;
  }

  void Secrets() {
    Line("");
    Line("1. What has to be known");
    Line("");
    for (const Needed& needed : WhatIsNeeded()) {
      Line("  {:<24}{}", needed.variable, kBlank);
      if (!needed.what.empty()) Line("  {:<24}{}", "", needed.what);
      Line("  {:<24}was in {}", "", needed.origin);
    }
  }

  void Place() {
    Line("");
    Line("2. Install restic (0.14 or newer), and tell it where the repository is");
    Line("");
    const std::string url = targets::RedactUrlPasswords(config_.repository.url);
    Command("export RESTIC_REPOSITORY=" + ShellQuote(url));
    if (url != config_.repository.url) Line("  (with the password in the place of the stars)");
    for (const Needed& needed : WhatIsNeeded())
      Command(fmt::format("read -rsp '{0}: ' {0}; export {0}; echo", needed.variable));
  }

  void Look() {
    Line("");
    Line("3. Is it the right one?");
    Line("");
    Command("restic cat config --no-lock");
    if (input_.repository_id) {
      Line("  must say the id\n  {}", *input_.repository_id);
    } else {
      Line("  (no backup was made before this page: make it again after the first one)");
    }
    Command("restic snapshots --no-lock --host " + ShellQuote(config_.instance.str()));
    Line("");
    Line("4. Fetch the data, newest snapshot of each; it comes into the folder `restored`");
  }

  /// A newer snapshot that lost too much is not taken for the data.
  [[nodiscard]] std::string Newest(const Target& target, const TargetFacts& facts) const {
    if (!facts.quarantined.empty() && facts.newest_good) return facts.newest_good->id.str();
    return fmt::format("--host {} --tag {} latest", ShellQuote(config_.instance.str()),
                       ShellQuote("target:" + target.id.str()));
  }

  void Fetch(const Target& target) {
    const auto known = input_.facts.find(target.id);
    const TargetFacts facts = known == input_.facts.end() ? TargetFacts{} : known->second;
    const std::string newest = Newest(target, facts);
    Line("");
    if (const auto* folder = std::get_if<targets::DirectorySource>(&target.source)) {
      Line("  {}: the folder {}", target.id.str(), folder->path);
      Known(facts);
      Command(fmt::format("restic restore {} --target restored", newest));
      return;
    }
    const auto& command = std::get<targets::CommandSource>(target.source);
    Line("  {}: the output of a command, as the file {}", target.id.str(), command.filename);
    Known(facts);
    const std::string file = "restored/" + target.id.str() + "-" + command.filename;
    Command(fmt::format("mkdir -p restored && restic dump {} {} > {}", newest,
                        ShellQuote("/" + command.filename), ShellQuote(file)));
  }

  void Known(const TargetFacts& facts) {
    if (!facts.newest_good) return Line("  no good snapshot when this page was made");
    const GoodSnapshot& good = *facts.newest_good;
    Line("  when this page was made: snapshot {} of {},", good.id.str().substr(0, 8),
         input_.zone.FormatForPeople(good.time));
    Line("  {} file{}, {}", good.files, good.files == 1 ? "" : "s",
         targets::FormatSize(good.bytes));
    if (!facts.quarantined.empty())
      Line("  (newer ones lost too much and wait for an answer, tagged `quarantine`)");
  }

  void Afterwards() {
    Line("");
    Line("5. Afterwards");
    Line("");
    Line("  Compare before you trust it, then move the data to where it was. To go on with");
    if (input_.configuration_file.empty()) {
      Line("  backups, set the same variables for the runner's container again.");
    } else {
      Line("  backups, put {} back", input_.configuration_file);
      Line("  (keep a copy of it with this page) and run `runner doctor`.");
    }
    Line("  Make this page again whenever the targets or the repository change.");
  }

  const RecoverySheetInput& input_;
  const targets::Config& config_;
  std::string text_;
};

}  // namespace

std::string RecoverySheet(const RecoverySheetInput& input) { return Sheet(input).Write(); }

}  // namespace runner
