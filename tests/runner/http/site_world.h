#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/http/api.h"
#include "runner/http/site.h"
#include "tests/runner/health/health_world.h"
#include "tests/support/memory_history.h"

namespace runner::testing {

using health_world::kBackup;
using health_world::kHour;
using health_world::kNow;
using health_world::kPhotos;

inline constexpr const char* kToken = "correct-horse-battery";

/// Remembers what was asked for.
class ListedActions final : public Actions {
 public:
  void RunNow(const JobKey& key) override {
    asked.push_back(std::string(targets::StageName(key.stage)) + " " + key.target.str());
  }
  void Acknowledge(const targets::TargetId& target, Verdict verdict) override {
    asked.push_back(std::string(verdict == Verdict::kAccept ? "accept " : "discard ") +
                    target.str());
  }
  std::vector<std::string> asked;
};

class NoObserver final : public Observer {
 public:
  void OnEvent(const Event&) override {}
};

/// The site over the world of the healthcheck's tests: photos and database, both backed up an hour
/// ago. It has a token.
class SiteWorld : public ::testing::Test, public health_world::World {
 protected:
  SiteWorld() {
    config_.repository.url = "rest:http://user:hunter2@host/repo";
    door_.SetToken(targets::Secret(kToken));
    Install();
  }

  /// The configuration as it is now, with its values that people see.
  void Install() {
    auto installed = std::make_shared<Installed>(Installed{config_, {}, {}, {}});
    installed->effective = {{"/targets/photos/source", "\"/data/photos\"", "backup.yaml:4:5"},
                            {"/targets/photos2/source", "\"/other\"", "default"}};
    lookout_.Use(std::move(installed));
  }

  Response Get(const std::string& target) {
    Request request = To(target);
    return site_.Answer(request);
  }
  std::string Body(const std::string& target) { return Get(target).body; }
  Response Post(const std::string& target, const std::string& body) {
    Request request = To(target);
    request.method = Method::kPost;
    request.content_type = "application/x-www-form-urlencoded";
    request.body = body;
    return site_.Answer(request);
  }
  Request To(const std::string& target) {
    const auto destination = ParseDestination(target).value();
    Request request;
    request.path = destination.path;
    request.query = destination.query;
    request.host = "127.0.0.1";
    request.authority = "127.0.0.1:8787";
    request.origin = origin;
    request.session = session;
    request.authorization = bearer;
    return request;
  }
  /// The session of somebody who gave the token.
  void SignIn() {
    session = door_.Open();
    key = door_.ViewerOf(session).form_key;
  }
  std::int64_t Record(const std::string& target, const std::string& outcome,
                      const std::string& reason = "done") {
    RunRecord run;
    run.target = targets::TargetId(target);
    run.started = clock_.Now() - kHour;
    run.outcome = outcome;
    run.reason = reason;
    return history_.Append(run).value().id;
  }

  std::string origin;
  std::string session;
  std::string key;
  std::string bearer;
  MemoryHistory history_;
  Lookout lookout_{{files_, clock_, history_, [this] { return redactor_; }},
                   std::make_shared<const Installed>()};
  int random_ = 0;
  Doorkeeper door_{clock_, [this] { return "random" + std::to_string(++random_); }};
  ListedActions actions_;
  ProgressBoard board_{std::make_shared<NoObserver>()};
  std::optional<SnapshotList> snapshots_;
  Site site_{{lookout_, door_, actions_, board_, [this](const auto&) { return snapshots_; }}};
};

}  // namespace runner::testing
