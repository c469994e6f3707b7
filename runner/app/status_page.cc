#include "runner/app/status_page.h"

#include "runner/history/sqlite_history.h"
#include "runner/http/lookout.h"
#include "runner/http/server.h"
#include "runner/http/site.h"
#include "runner/state/state_folder.h"

namespace runner {
namespace {

std::shared_ptr<const Installed> InstalledOf(Machine& machine, const LoadedConfiguration& loaded) {
  return std::make_shared<const Installed>(
      Installed{loaded.config, loaded.effective, loaded.warnings, ConfiguredAt(machine, loaded)});
}

}  // namespace

struct StatusPage::Parts {
  Parts(Machine& the_machine, Observer& the_observer, const LoadedConfiguration& loaded)
      : machine(the_machine),
        observer(the_observer),
        history(machine.files, machine.clock, no_secrets,
                StateFolder(machine.files, loaded.config.state_dir)),
        lookout({machine.files, machine.clock, history,
                 [&console = machine.console] { return console.redactor(); }},
                InstalledOf(machine, loaded)),
        site(lookout) {}

  void Listen(const std::optional<targets::ListenAddress>& wanted);

  Machine& machine;
  Observer& observer;
  targets::Redactor no_secrets;  // only what is written passes it, and nothing is written here
  SqliteHistory history;
  Lookout lookout;
  Site site;
  std::optional<targets::ListenAddress> listens;  // as it was configured
  std::unique_ptr<HttpServer> server;
};

void StatusPage::Parts::Listen(const std::optional<targets::ListenAddress>& wanted) {
  if (wanted == listens && (server != nullptr || !wanted)) return;
  server.reset();
  listens = wanted;
  if (!wanted) return;
  auto started =
      HttpServer::Start(*wanted, {[this](const Request& request) { return site.Answer(request); },
                                  [this] { return site.Event(); }});
  if (!started) {
    const targets::Error& error = started.error();
    return observer.OnEvent({Severity::kError, "daemon", "",
                             "there is no status page: " + error.message + "; " + error.hint});
  }
  server = *std::move(started);
  observer.OnEvent(
      {Severity::kInfo, "daemon", "",
       "the status page is at http://" + targets::FormatListenAddress(server->address()) + "/"});
}

StatusPage::StatusPage(Machine& machine, Observer& observer, const LoadedConfiguration& loaded)
    : parts_(std::make_unique<Parts>(machine, observer, loaded)) {
  parts_->Listen(loaded.config.server.listen);
}

StatusPage::~StatusPage() {
  parts_->server.reset();
  if (parts_->lookout.Hangs()) parts_->machine.leave_at_once = true;
}

void StatusPage::Use(const LoadedConfiguration& loaded) {
  parts_->lookout.Use(InstalledOf(parts_->machine, loaded));
  parts_->Listen(loaded.config.server.listen);
}

}  // namespace runner
