#include "tests/targets/plan/schema_check.h"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <iterator>

namespace targets {
namespace {

std::string ReadSchema() {
  std::ifstream file(RUNNER_CHECKOUT "/schemas/plan.schema.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Pointer(const rapidjson::Pointer& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.StringifyUriFragment(buffer);
  return buffer.GetString();
}

}  // namespace

std::string BreaksPlanSchema(const std::string& json) {
  rapidjson::Document schema;
  if (schema.Parse(ReadSchema()).HasParseError()) return "the schema is not JSON";
  rapidjson::Document document;
  if (document.Parse(json).HasParseError()) return "not JSON";
  const rapidjson::SchemaDocument compiled(schema);
  rapidjson::SchemaValidator validator(compiled);
  if (document.Accept(validator)) return "";
  return Pointer(validator.GetInvalidDocumentPointer()) + ": " +
         validator.GetInvalidSchemaKeyword();
}

}  // namespace targets
