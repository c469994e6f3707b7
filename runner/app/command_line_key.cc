#include "runner/app/command_line_key.h"

namespace runner {

void AddKey(CLI::App& app, KeyValues& values) {
  CLI::App* command =
      app.add_subcommand("key", "Show, renew or revoke the runner's own key of the repository");
  command
      ->add_option(
          "ACTION", values.action,
          "list: all keys of the repository; renew: make a new one now; revoke: remove it, "
          "and make none again")
      ->required()
      ->check(CLI::IsMember({"list", "renew", "revoke"}));
  command->add_flag("--json", values.json, "Of list, for programs (schemas/keys.schema.json)");
}

KeyOptions ChosenKey(const KeyValues& values) {
  const KeyAction action = values.action == "renew"    ? KeyAction::kRenew
                           : values.action == "revoke" ? KeyAction::kRevoke
                                                       : KeyAction::kList;
  return {action, values.json};
}

}  // namespace runner
