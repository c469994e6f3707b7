#include "runner/http/api.h"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <iterator>

#include "tests/runner/http/site_world.h"

namespace runner::testing {
namespace {

rapidjson::Document Parse(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text);
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}

/// Whether `text` fits schemas/<name>.schema.json.
bool Fits(const std::string& text, const std::string& name) {
  std::ifstream file(std::string(SCHEMAS) + "/" + name + ".schema.json");
  const rapidjson::Document schema =
      Parse({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  const rapidjson::SchemaDocument compiled(schema);
  rapidjson::SchemaValidator validator(compiled);
  return Parse(text).Accept(validator);
}

TEST_F(SiteWorld, TheApiServesTheDocumentsOfTheCommandLine) {
  config_.repository.url = "/srv/repo";
  Install();
  Record("photos", "success");
  for (const char* name : {"status", "health", "history", "plan"}) {
    const Response answer = Get(std::string("/api/v1/") + name);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.type, "application/json");
    EXPECT_TRUE(Fits(answer.body, name)) << answer.body;
  }
}

TEST_F(SiteWorld, TheHistoryIsAskedByParameters) {
  Record("photos", "success");
  Record("database", "failed");
  const auto runs = [&](const std::string& query) {
    return Parse(Body("/api/v1/history?" + query))["runs"].Size();
  };
  EXPECT_EQ(runs("target=photos"), 1U);
  EXPECT_EQ(runs("limit=1"), 1U);
  EXPECT_EQ(runs("stage=forget"), 0U);
  EXPECT_EQ(runs("since=2h"), 2U);
  EXPECT_EQ(runs("since=30m"), 0U);
}

TEST_F(SiteWorld, AWrongParameterIsAnErrorThatSaysWhich) {
  for (const char* path :
       {"/api/v1/history?limit=0", "/api/v1/history?limit=1001", "/api/v1/history?limit=x",
        "/api/v1/history?stage=x", "/api/v1/history?since=x", "/api/v1/plan?horizon=x",
        "/api/v1/plan?horizon=93d"}) {
    const Response answer = Get(path);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_TRUE(Fits(answer.body, "error")) << answer.body;
  }
  EXPECT_EQ(Get("/api/v1/plan?horizon=92d").status, 200);
  EXPECT_EQ(Get("/api/v1/nothing").status, 404);
}

TEST_F(SiteWorld, ATakenActionFitsItsSchema) {
  bearer = kToken;
  EXPECT_TRUE(Fits(Post("/api/v1/actions/run", "target=photos").body, "taken"));
}

TEST_F(SiteWorld, EveryGetOfTheOpenApiDocumentIsServed) {
  config_.repository.url = "/srv/repo";
  Install();
  StartDaemon(kNow + kHour);
  const rapidjson::Document document = Parse(Body("/api/v1/openapi.json"));
  int paths = 0;
  for (const auto& path : document["paths"].GetObject()) {
    ++paths;
    if (path.value.HasMember("get")) {
      EXPECT_EQ(Get(path.name.GetString()).status, 200) << path.name.GetString();
    } else {
      EXPECT_EQ(Post(path.name.GetString(), "").status, 401) << path.name.GetString();
    }
  }
  EXPECT_GT(paths, 10);
}

}  // namespace
}  // namespace runner::testing
