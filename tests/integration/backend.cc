#include "tests/integration/backend.h"

#include "tests/integration/b2_test.h"
#include "tests/support/radosgw.h"
#include "tests/support/rest_server.h"

namespace runner::testing {
namespace {

constexpr const char* kPassword = "correct horse";

Backend Folder(const Workspace& workspace) {
  const std::string folder = workspace.Path("repo");
  return {folder, [folder] { const targets::ForgedRepository forged(folder, kPassword); }, nullptr};
}

Backend Rest(const Workspace& workspace, RestMode mode) {
  const std::string folder = workspace.Path("served");
  workspace.MakeFolder("served");
  auto server = std::make_shared<RestServer>(workspace, "served", mode);
  return {server->url(), [folder] { const targets::ForgedRepository forged(folder, kPassword); },
          server};
}

targets::Result<Backend> S3(Workspace& workspace, std::string (Radosgw::*make_bucket)()) {
  const auto server = Radosgw::Shared();
  if (!server) return targets::Fail(server.error());
  workspace.Set("AWS_ACCESS_KEY_ID", Radosgw::kKeyId);
  workspace.Set("AWS_SECRET_ACCESS_KEY", Radosgw::kSecret);
  const std::string bucket = ((**server).*make_bucket)();
  const std::string folder = workspace.Path("forged");
  const auto make_cheap_repository = [server = *server, bucket, folder] {
    const targets::ForgedRepository forged(folder, kPassword);
    server->Upload(folder, bucket, "r");
  };
  return Backend{"s3:" + (*server)->url() + "/" + bucket + "/r", make_cheap_repository, nullptr};
}

Backend B2(Workspace& workspace) {
  auto world = std::make_shared<B2World>(workspace);
  return {B2World::kUrl, [world] { world->MakeCheapRepository(); }, world};
}

/// The remote "x" stands in no file: restic hands its environment on to rclone.
Backend RcloneB2(Workspace& workspace) {
  auto world = std::make_shared<B2World>(workspace);
  const B2Server::Credentials key = world->server().AddKey({.buckets = {B2World::kBucket}});
  workspace.Set("RCLONE_CONFIG_X_TYPE", "b2");
  workspace.Set("RCLONE_CONFIG_X_ACCOUNT", key.id);
  workspace.Set("RCLONE_CONFIG_X_KEY", key.secret);
  workspace.Set("RCLONE_CONFIG_X_ENDPOINT", world->server().url());
  for (const char* name : {"B2_ACCOUNT_ID", "B2_ACCOUNT_KEY"}) workspace.Set(name, "");
  return {std::string("rclone:x:") + B2World::kBucket + "/r",
          [world] { world->MakeCheapRepository(); }, world};
}

}  // namespace

targets::Result<Backend> StartBackend(const std::string& name, Workspace& workspace) {
  if (name == "folder") return Folder(workspace);
  if (name == "rest") return Rest(workspace, RestMode::kFull);
  if (name == "rest_append_only") return Rest(workspace, RestMode::kAppendOnly);
  if (name == "s3") return S3(workspace, &Radosgw::MakeBucket);
  if (name == "s3_versioned") return S3(workspace, &Radosgw::MakeVersionedBucket);
  if (name == "b2") return B2(workspace);
  if (name == "rclone_b2") return RcloneB2(workspace);
  return targets::Fail("no test knows the backend " + name);
}

}  // namespace runner::testing
