#include "targets/config/check_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "targets/base/text.h"
#include "targets/config/formats.h"

namespace targets {
namespace {

using rapidjson::Value;

constexpr std::array kFormGroups = {
    FormGroup{{"cron", "every", ""}},
    FormGroup{{"source", "command", ""}},
    FormGroup{{"password", "password_file", "password_command"}},
    FormGroup{{"token", "token_file", "token_command"}},
    FormGroup{{"account_id", "account_id_file", "account_id_command"}},
    FormGroup{{"account_key", "account_key_file", "account_key_command"}},
    FormGroup{{"url", "url_file", "url_command"}},
    FormGroup{{"token", "token_file", "token_command"}},
};

std::string StringOf(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

std::string TypeOf(const Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return "boolean";
    case rapidjson::kObjectType:
      return "object";
    case rapidjson::kArrayType:
      return "array";
    case rapidjson::kStringType:
      return "string";
    case rapidjson::kNumberType:
      return value.IsInt64() ? "integer" : "number";
  }
  return "null";
}

bool TypeMatches(const SchemaNode& schema, const std::string& type) {
  return schema.Allows(type) || (type == "integer" && schema.Allows("number"));
}

class Checker {
 public:
  Checker(ValueSource& source, Problems& problems) : source_(source), problems_(problems) {}

  void Check(const SchemaNode& schema, const Value& value, const std::string& pointer) {
    if (source_.bad.contains(pointer) || source_.unexpanded.contains(pointer)) return;
    const std::string type = TypeOf(value);
    if (!TypeMatches(schema, type)) {
      ReportType(schema, value, pointer);
    } else if (value.IsObject()) {
      CheckObject(schema, value, pointer);
    } else if (value.IsArray()) {
      CheckArray(schema, value, pointer);
    } else if (value.IsString()) {
      CheckString(schema, StringOf(value), pointer);
    } else if (value.IsNumber()) {
      CheckNumber(schema, value.GetDouble(), value, pointer);
    }
  }

 private:
  void Report(const std::string& pointer, std::string message, std::string hint,
              PointAt point_at = PointAt::kValue) {
    source_.bad.insert(pointer);
    if (!source_.variable.empty() && !pointer.empty()) {
      message = DottedPath(pointer, *source_.marks) + ": " + message;
    }
    problems_.Error(source_.OriginOf(pointer), point_at, std::move(message), std::move(hint));
  }

  [[nodiscard]] bool IsPlainWord(const std::string& pointer) const {
    const auto mark = source_.marks->find(pointer);
    return mark != source_.marks->end() && mark->second.plain_word;
  }

  void ReportType(const SchemaNode& schema, const Value& value, const std::string& pointer) {
    const std::string example = schema.Example();
    std::string expected = "expected " + DescribeExpected(schema);
    if (!example.empty()) expected += ", like " + example;
    if (value.IsNull())
      return Report(pointer, "the value is empty; " + expected, "", PointAt::kKey);
    if (IsPlainWord(pointer) && schema.Allows("boolean")) {
      return Report(pointer, fmt::format("{} is text in YAML 1.2, not a boolean", StringOf(value)),
                    "write true or false");
    }
    Report(pointer, fmt::format("{}, but this is {}", expected, DescribeKind(value)),
           TypeHint(schema, value));
  }

  static std::string TypeHint(const SchemaNode& schema, const Value& value) {
    const bool scalar = value.IsNumber() || value.IsBool();
    const std::string expected = DescribeExpected(schema);
    if (scalar && expected == "a length of time") return "add the unit, like 90s or 5m";
    if (scalar && expected == "text") return "write it in quotes";
    if (value.IsString() && schema.Allows("array")) return "put it into [ ]";
    return "";
  }

  void CheckObject(const SchemaNode& schema, const Value& object, const std::string& pointer) {
    for (const auto& member : object.GetObject()) {
      const std::string key = StringOf(member.name);
      const std::string at = JoinPointer(pointer, key);
      if (pointer.empty() && source_.variable.empty() && key.starts_with("x-")) continue;
      const SchemaNode property = schema.Property(key);
      if (!property.Known()) {
        ReportUnknownKey(schema, key, at);
        continue;
      }
      if (const auto named = CheckFormat(schema.Text("x-key-format"), key); !named) {
        Report(at, named.error().message, named.error().hint, PointAt::kKey);
        continue;
      }
      Check(property, member.value, at);
    }
    CheckForms(object, pointer);
    if (schema.Keyword("minProperties") != nullptr && object.ObjectEmpty() &&
        !source_.incomplete.contains(pointer)) {
      Report(pointer, "this must not be empty; write at least one entry, like " + schema.Example(),
             "", PointAt::kKey);
    }
  }

  void ReportUnknownKey(const SchemaNode& schema, const std::string& key, const std::string& at) {
    if (at.rfind('/') == 0 && source_.variable.empty() && TargetSchema().Property(key).Known()) {
      return Report(at, "this is a key of a target", "move it below defaults: or below a target",
                    PointAt::kKey);
    }
    const auto names = schema.PropertyNames();
    const auto nearest = Nearest(key, names);
    std::string hint = nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                               : "known keys here: " + Join(names, ", ");
    Report(at, "unknown key", std::move(hint), PointAt::kKey);
  }

  /// Two forms of the same thing in one mapping.
  void CheckForms(const Value& object, const std::string& pointer) {
    for (const FormGroup& group : kFormGroups) {
      std::vector<std::string> present;
      for (const std::string_view key : group.keys) {
        if (!key.empty() && object.HasMember(std::string(key))) present.emplace_back(key);
      }
      if (present.size() < 2) continue;
      const std::string at = JoinPointer(pointer, present[1]);
      Report(at, fmt::format("only one of {} may be set", Join(present, " and ")),
             "remove one of them", PointAt::kKey);
    }
  }

  void CheckArray(const SchemaNode& schema, const Value& array, const std::string& pointer) {
    if (schema.Keyword("minItems") != nullptr && array.Empty()) {
      return Report(pointer,
                    fmt::format("the list is empty; expected {}, like {}", DescribeExpected(schema),
                                schema.Example()),
                    "");
    }
    const SchemaNode items = schema.Items();
    const bool flat =
        !array.Empty() &&
        std::all_of(array.Begin(), array.End(), [](const Value& item) { return item.IsString(); });
    if (flat && items.Known() && !items.Allows("string")) {  // one cause, not one for each item
      return Report(pointer,
                    fmt::format("expected {}, like {}, but this is a list of strings",
                                DescribeExpected(schema), schema.Example()),
                    "put it into another [ ]");
    }
    for (rapidjson::SizeType i = 0; i < array.Size(); ++i) {
      const std::string at = pointer + "/" + std::to_string(i);
      Check(items, array[i], at);
      if (source_.bad.contains(at)) source_.bad.insert(pointer);
    }
  }

  void CheckString(const SchemaNode& schema, const std::string& text, const std::string& pointer) {
    const Value* words = schema.Keyword("enum");
    if (words != nullptr && !IsOneOf(*words, text)) return ReportWord(*words, text, pointer);
    const std::string_view format = schema.Text("format");
    const bool fixed_word = words != nullptr || text == "off";
    if (IsPlainWord(pointer) && !(fixed_word && CheckFormat(format, text))) {
      const std::string hint =
          schema.Allows("boolean")
              ? "write true or false"
              : fmt::format("write \"{}\" in quotes, or true or false if that is meant", text);
      return Report(pointer, fmt::format("{} without quotes is a boolean in old YAML", text), hint);
    }
    if (format.empty()) return;
    if (const auto checked = CheckFormat(format, text); !checked) {
      Report(pointer, checked.error().message, checked.error().hint);
    }
  }

  static bool IsOneOf(const Value& words, const std::string& text) {
    return std::any_of(words.Begin(), words.End(), [&](const Value& word) { return word == text; });
  }

  void ReportWord(const Value& words, const std::string& text, const std::string& pointer) {
    std::vector<std::string> names;
    for (const Value& word : words.GetArray()) names.push_back(StringOf(word));
    const auto nearest = Nearest(text, names);
    Report(pointer, fmt::format("\"{}\" is not one of: {}", OneLine(text, 60), Join(names, ", ")),
           nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "");
  }

  void CheckNumber(const SchemaNode& schema, double number, const Value& value,
                   const std::string& pointer) {
    const Value* words = schema.Keyword("enum");
    if (words != nullptr && std::find(words->Begin(), words->End(), value) == words->End()) {
      return Report(pointer,
                    fmt::format("{} is not possible here; the only value is {}", FlowText(value),
                                FlowText((*words)[0])),
                    "");
    }
    const Value* minimum = schema.Keyword("minimum");
    const Value* maximum = schema.Keyword("maximum");
    if (minimum != nullptr && number < minimum->GetDouble()) {
      return Report(
          pointer,
          fmt::format("{} is too small; the least is {}", FlowText(value), FlowText(*minimum)), "");
    }
    if (maximum != nullptr && number > maximum->GetDouble()) {
      Report(pointer,
             fmt::format("{} is too large; the most is {}", FlowText(value), FlowText(*maximum)),
             "");
    }
  }

  ValueSource& source_;
  Problems& problems_;
};

std::string Plural(const SchemaNode& items) {
  if (items.Allows("array")) return "lists of strings";
  return items.Allows("string") ? "strings" : "values";
}

}  // namespace

std::span<const FormGroup> FormGroups() { return kFormGroups; }

std::string DescribeExpected(const SchemaNode& schema) {
  std::vector<std::string> parts;
  const std::string_view format = schema.Text("format");
  for (const std::string& type : schema.Types()) {
    if (type == "array") parts.push_back("a list of " + Plural(schema.Items()));
    if (type == "object") parts.emplace_back("a mapping");
    if (type == "boolean") parts.emplace_back("true or false");
    if (type == "integer") parts.emplace_back("a whole number");
    if (type == "number") parts.emplace_back("a number");
    if (type != "string") continue;
    if (format == "cron" || format == "cron-or-off") {
      parts.emplace_back("a cron expression");
    } else if (format == "duration" || format == "period" || format == "interval" ||
               format == "days" || format == "within") {
      parts.emplace_back("a length of time");
    } else if (format == "size") {
      parts.emplace_back("a size");
    } else if (format == "off") {
      parts.emplace_back("off");
    } else if (format == "retention-count") {
      parts.emplace_back("unlimited");
    } else {
      parts.emplace_back("text");
    }
  }
  return Join(parts, " or ");
}

std::string DescribeKind(const Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return "empty";
    case rapidjson::kFalseType:
      return "the boolean false";
    case rapidjson::kTrueType:
      return "the boolean true";
    case rapidjson::kObjectType:
      return "a mapping";
    case rapidjson::kArrayType:
      return "a list";
    case rapidjson::kStringType:
      return "text";
    case rapidjson::kNumberType:
      return "a number";
  }
  return "empty";
}

void CheckValue(const SchemaNode& schema, const Value& value, const std::string& pointer,
                ValueSource& source, Problems& problems) {
  Checker(source, problems).Check(schema, value, pointer);
}

}  // namespace targets
