#include "runner/app/status_page.h"

#include <mutex>

#include "runner/app/herald.h"
#include "runner/app/secrets.h"
#include "runner/app/session_workshop.h"
#include "runner/app/snapshot_facts.h"
#include "runner/daemon/mailbox.h"
#include "runner/history/sqlite_history.h"
#include "runner/http/progress_board.h"
#include "runner/http/server.h"
#include "runner/http/site.h"
#include "runner/state/state_folder.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION comes from the build"
#endif

namespace runner {
namespace {

/// Who works now. Thread-safe.
class AtWork {
 public:
  void Set(std::shared_ptr<SessionWorkshop> workshop) {
    const std::lock_guard lock(mutex_);
    workshop_ = std::move(workshop);
  }
  [[nodiscard]] std::shared_ptr<SessionWorkshop> Get() const {
    const std::lock_guard lock(mutex_);
    return workshop_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<SessionWorkshop> workshop_;
};

/// Posts to the daemon what a person asks for.
class PostedActions final : public Actions {
 public:
  PostedActions(Machine& machine, Mailbox& mailbox, Herald& herald, const AtWork& at_work)
      : machine_(machine), mailbox_(mailbox), herald_(herald), at_work_(at_work) {}

  void RunNow(const JobKey& key) override { mailbox_.Post(JobAsked{key}); }

  void Acknowledge(const targets::TargetId& target, Verdict verdict) override {
    const Answer answer = verdict == Verdict::kAccept ? Answer::kAccept : Answer::kDiscard;
    mailbox_.Post(ErrandAsked{[this, workshop = at_work_.Get(), target, answer] {
      if (workshop == nullptr) return;
      const auto report = workshop->Acknowledge(target, answer, machine_.stop);
      if (report) herald_.Ended(*report);
    }});
  }

 private:
  Machine& machine_;
  Mailbox& mailbox_;
  Herald& herald_;
  const AtWork& at_work_;
};

/// The newest listing that could be had without waiting.
class ListingAtHand {
 public:
  ListingAtHand(Machine& machine, const Lookout& lookout, const AtWork& at_work)
      : machine_(machine), lookout_(lookout), at_work_(at_work) {}

  std::optional<SnapshotList> Of(const targets::TargetId& target) {
    const auto workshop = at_work_.Get();
    auto fresh = workshop == nullptr ? std::nullopt : workshop->LastListing();
    const std::lock_guard lock(mutex_);
    if (fresh) last_ = std::move(fresh);
    if (!last_) return std::nullopt;
    return SnapshotList{last_->listing.began,
                        SnapshotsOf(machine_, lookout_.InForce()->config, target,
                                    last_->listing.snapshots, last_->version)};
  }

 private:
  Machine& machine_;
  const Lookout& lookout_;
  const AtWork& at_work_;
  std::mutex mutex_;
  std::optional<SessionWorkshop::KnownListing> last_;
};

}  // namespace

std::shared_ptr<const Installed> Keep(Machine& machine, LoadedConfiguration loaded) {
  const auto configured_at = ConfiguredAt(machine, loaded);
  return std::make_shared<const Installed>(Installed{std::move(loaded.config),
                                                     std::move(loaded.effective),
                                                     std::move(loaded.warnings), configured_at});
}

std::shared_ptr<const targets::Config> ConfigOf(const std::shared_ptr<const Installed>& installed) {
  return {installed, &installed->config};
}

struct StatusPage::Parts {
  Parts(Machine& the_machine, ProgressBoard& the_board, Mailbox& mailbox, Herald& herald,
        const std::shared_ptr<const Installed>& installed)
      : machine(the_machine),
        board(the_board),
        history(machine.files, machine.clock, no_secrets,
                StateFolder(machine.files, installed->config.state_dir)),
        lookout({machine.files, machine.clock, history,
                 [&console = machine.console] { return console.redactor(); }},
                installed),
        door(machine.clock, RandomText),
        actions(machine, mailbox, herald, at_work),
        listing(machine, lookout, at_work),
        site({lookout, door, actions, board,
              [this](const targets::TargetId& target) { return listing.Of(target); },
              RUNNER_VERSION}) {}

  void Listen(const targets::Server& wanted);
  void SetToken(const targets::Config& config);
  void Complain(const std::string& what, const targets::Error& error) {
    board.OnEvent({Severity::kError, "daemon", "",
                   what + error.message + (error.hint.empty() ? "" : "; " + error.hint)});
  }

  Machine& machine;
  ProgressBoard& board;
  targets::Redactor no_secrets;  // only what is written passes it, and nothing is written here
  SqliteHistory history;
  Lookout lookout;
  Doorkeeper door;
  AtWork at_work;
  PostedActions actions;
  ListingAtHand listing;
  Site site;
  std::optional<targets::ListenAddress> listens;  // as it was configured
  std::unique_ptr<HttpServer> server;
};

/// Without a token that can be had nobody may act; the page still shows.
void StatusPage::Parts::SetToken(const targets::Config& config) {
  if (!config.server.listen || !config.server.token) return door.SetToken(std::nullopt);
  auto token = ResolveToken(*config.server.token, machine.files, machine.processes);
  if (token && token->Expose().size() < Doorkeeper::kShortestToken) {
    token = targets::Fail("server.token: it is shorter than 16 characters",
                          "make one with `openssl rand -hex 24`");
  }
  if (!token) {
    Complain("nobody may act on the status page: ", token.error());
    return door.SetToken(std::nullopt);
  }
  targets::Redactor redactor = machine.console.redactor();
  redactor.Add(*token);
  machine.console.SetRedactor(std::move(redactor));
  door.SetToken(*std::move(token));
}

void StatusPage::Parts::Listen(const targets::Server& wanted) {
  if (wanted.listen == listens && (server != nullptr || !wanted.listen)) return;
  server.reset();
  listens = wanted.listen;
  if (!listens) return;
  auto started =
      HttpServer::Start(*listens, {[this](const Request& request) { return site.Answer(request); },
                                   [this] { return site.Event(); }});
  if (!started) return Complain("there is no status page: ", started.error());
  server = *std::move(started);
  board.OnEvent(
      {Severity::kInfo, "daemon", "",
       "the status page is at http://" + targets::FormatListenAddress(server->address()) + "/"});
}

StatusPage::StatusPage(Machine& machine, ProgressBoard& board, Mailbox& mailbox, Herald& herald,
                       const std::shared_ptr<const Installed>& installed)
    : parts_(std::make_unique<Parts>(machine, board, mailbox, herald, installed)) {}

StatusPage::~StatusPage() {
  parts_->server.reset();
  if (parts_->lookout.Hangs()) parts_->machine.leave_at_once = true;
}

void StatusPage::Use(const std::shared_ptr<const Installed>& installed,
                     std::shared_ptr<SessionWorkshop> workshop) {
  parts_->at_work.Set(std::move(workshop));
  parts_->lookout.Use(installed);
  parts_->SetToken(installed->config);
  parts_->Listen(installed->config.server);
}

}  // namespace runner
