#include "targets/config/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "targets/base/listen_address.h"
#include "targets/base/redactor.h"
#include "targets/base/size.h"
#include "targets/base/text.h"
#include "targets/base/time.h"
#include "targets/config/message_template.h"
#include "targets/config/repository_url.h"
#include "targets/retention/within.h"
#include "targets/schedule/cron_expression.h"
#include "targets/schedule/zone.h"

namespace targets {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
constexpr std::size_t kLongestId = 63;
constexpr std::size_t kLongestText = 32'768;  // of paths, arguments, patterns

bool OnlyOf(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(),
                       [&](std::string_view set) { return set.find(c) != std::string_view::npos; });
  });
}

std::string Quoted(std::string_view text) { return "\"" + OneLine(text, 120) + "\""; }

tl::unexpected<Error> Bad(const std::string& text, std::string_view what, std::string hint) {
  return Fail(fmt::format("{}: {}", Quoted(text), what), std::move(hint));
}

template <typename T>
Status ToStatus(const Result<T>& result) {
  if (!result) return Fail(result.error());
  return {};
}

Status CheckTargetId(const std::string& text) {
  if (text.empty()) return Fail("a target needs a name", "write it like photos: {source: ...}");
  if (text.size() > kLongestId)
    return Bad(text, "a target's name has at most 63 characters", "shorten it");
  if (!OnlyOf(text, {kLower, kDigits, "-"}) || text[0] == '-') {
    return Bad(text, "a target's name consists of a-z, 0-9 and -, and does not start with -",
               "choose a name like my-photos");
  }
  return {};
}

Status CheckInstance(const std::string& text) {
  if (text.empty()) return Fail("the instance needs a name", "write it like instance: server1");
  if (text.size() > kLongestId)
    return Bad(text, "the instance's name has at most 63 characters", "shorten it");
  if (!OnlyOf(text, {kLower, kUpper, kDigits, "._-"}) ||
      std::string_view("._-").find(text[0]) != std::string_view::npos) {
    return Bad(text, "the instance's name consists of letters, digits, \".\", \"_\" and \"-\"",
               "choose a name like server1");
  }
  return {};
}

Status CheckCron(const std::string& text) {
  if (text == "manual") return {};
  const auto expression = CronExpression::Parse(text);
  if (!expression) {
    const bool period = text.find_first_of("smhdw") != std::string::npos && ParseDuration(text);
    if (!period) return Fail(expression.error());
    return Bad(text, "this is a period, not a cron expression",
               fmt::format("write {{every: {}}}", text));
  }
  if (!expression->Fires()) {
    return Bad(text, "this never fires: no year has such a day", "check the day and the month");
  }
  return {};
}

Status CheckPeriod(const std::string& text, Duration minimum) {
  const auto period = ParseDuration(text);
  if (!period) return Fail(period.error());
  if (*period < minimum) {
    return Bad(text, fmt::format("shorter than {}", FormatDuration(minimum)),
               fmt::format("write {} or more", FormatDuration(minimum)));
  }
  return {};
}

Status CheckSize(const std::string& text) {
  const auto size = ParseSize(text);
  if (!size) return Fail(size.error());
  if (*size == 0) return Bad(text, "must be more than nothing", "write a size like 10GiB");
  return {};
}

Status CheckRate(const std::string& text) {
  const auto rate = ParseRate(text);
  if (!rate) return Fail(Quoted(text) + " is not a rate", "write it like 5MiB/s");
  if (*rate < 1024) return Bad(text, "slower than 1KiB/s", "write a rate like 5MiB/s");
  return {};
}

bool HasSegment(std::string_view path, std::string_view segment) {
  const auto parts = Split(path, '/');
  return std::find(parts.begin(), parts.end(), segment) != parts.end();
}

Status CheckAbsolutePath(const std::string& text) {
  if (text.empty()) return Fail("the path is empty", "write an absolute path like /data/photos");
  if (text.size() > kLongestText) return Fail("the path is too long");
  if (text.starts_with("~")) return Bad(text, "~ is not expanded here", "write the absolute path");
  if (text[0] != '/') return Bad(text, "the path must be absolute", "start it with /");
  if (HasSegment(text, ".."))
    return Bad(text, "the path must not contain ..", "write the real path");
  return {};
}

Status CheckRelativePath(const std::string& text) {
  if (text.empty()) return Fail("the path is empty", "write the name of a file inside the source");
  if (text[0] == '/' || HasSegment(text, "..") || text.size() > kLongestText) {
    return Bad(text, "this must be a path inside the source",
               "write it without a leading / and without ..");
  }
  return {};
}

Status CheckFileName(const std::string& text) {
  if (text.empty() || text == "." || text == ".." || text.find('/') != std::string::npos ||
      text.size() > 255) {
    return Bad(text, "this must be the name of a file, without a folder", "write it like app.sql");
  }
  return {};
}

Status CheckRepositoryId(const std::string& text) {
  if (text.size() == 64 && OnlyOf(text, {"abcdef", kDigits})) return {};
  return Bad(text, "a repository id has 64 hexadecimal digits", "print it with: restic cat config");
}

Status CheckTag(const std::string& text) {
  if (text.empty()) return Fail("a tag must not be empty");
  if (text.find(',') != std::string::npos) {
    return Bad(text, "a tag cannot contain a comma", "write two tags: [\"a\", \"b\"]");
  }
  if (text.starts_with("target:") || text == "quarantine") {
    return Bad(text, "this tag belongs to the runner", "choose another one");
  }
  return {};
}

Status CheckPattern(const std::string& text) {
  if (TrimSpace(text).empty()) return Fail("an empty pattern excludes nothing", "remove it");
  if (text.size() > kLongestText || text.find_first_of("\n\r") != std::string::npos) {
    return Bad(text, "a pattern is one line", "write one list item for each pattern");
  }
  return {};
}

Status CheckEnvironmentName(const std::string& text) {
  const bool good = !text.empty() && OnlyOf(text, {kLower, kUpper, kDigits, "_"}) &&
                    !OnlyOf(text.substr(0, 1), {kDigits});
  if (good) return {};
  return Bad(text, "this cannot be the name of an environment variable",
             "use letters, digits and _");
}

Status CheckMaxUnused(const std::string& text) {
  if (text == "unlimited" || ParseSize(text)) return {};
  if (text.ends_with('%') && CheckFormat("share", text)) return {};
  return Bad(text, "this is not an amount of data",
             "write a share like 5%, a size like 10GiB, or unlimited");
}

Status CheckReadData(const std::string& text) {
  if (text == "none") return {};
  int parts = 0;
  if (text.starts_with("1/") && text.size() > 2 && OnlyOf(text.substr(2), {kDigits})) {
    std::from_chars(text.data() + 2, text.data() + text.size(), parts);
    if (parts >= 1 && parts <= 9999) return {};
  }
  return Bad(text, "this is not a part of the data",
             "write 1/30 (everything once in 30 runs) or none");
}

Status CheckShare(const std::string& text) {
  const std::string_view number =
      std::string_view(text).substr(0, text.size() - (text.ends_with('%') ? 1 : 0));
  const bool numeric = !number.empty() && number.size() < 16 && OnlyOf(number, {kDigits, "."}) &&
                       std::count(number.begin(), number.end(), '.') <= 1 && number != ".";
  if (numeric && ShareOf(text) >= 0 && ShareOf(text) <= 1) return {};
  return Bad(text, "this is not a share between 0% and 100%", "write it like 50%");
}

Status CheckArgument(const std::string& text) {
  if (text.size() > kLongestText) return Fail("the argument is too long");
  return {};
}

Status CheckSecret(const std::string& text) {
  if (text.empty()) return Fail("the secret is empty", "set it, or use the form with _file");
  if (text.size() > kLongestText) return Fail("the secret is too long");
  if (text.find_first_of("\n\r") != std::string::npos)
    return Fail("the secret has more than one line", "remove the line break");
  if (TrimSpace(text) != text) {
    return Fail("the secret starts or ends with a space", "remove it; it often comes from copying");
  }
  return {};
}

Status CheckSecretUrl(const std::string& text) {
  if (const auto secret = CheckSecret(text); !secret) return secret;
  if (!text.starts_with("https://") && !text.starts_with("http://"))
    return Fail("this is no address of a web server", "write it like https://example.com/path");
  return CheckTemplate(text);
}

Status CheckMessageTemplate(const std::string& text) {
  if (text.size() > kLongestText) return Fail("the template is too long");
  return CheckTemplate(text);
}

Status CheckMailAddress(const std::string& text) {
  const std::size_t at = text.find('@');
  const bool good = at != std::string::npos && at > 0 && at + 1 < text.size() &&
                    text.find('@', at + 1) == std::string::npos &&
                    text.find_first_of(" \t\r\n<>,;\"") == std::string::npos;
  if (good && text.size() <= 254) return {};
  return Bad(text, "this is not a mail address", "write it like me@example.com");
}

Status CheckHostName(const std::string& text) {
  if (!text.empty() && text.size() <= 253 && OnlyOf(text, {kLower, kUpper, kDigits, ".-_:"}))
    return {};
  return Bad(text, "this is not the name of a server", "write it like smtp.example.com");
}

Status CheckHeaderName(const std::string& text) {
  if (!text.empty() && text.size() <= 100 && OnlyOf(text, {kLower, kUpper, kDigits, "-_"}))
    return {};
  return Bad(text, "this is not the name of a header", "write it like X-Key");
}

Status CheckChannelName(const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 63 && text[0] != '-' && OnlyOf(text, {kLower, kDigits, "-"});
  if (good) return {};
  return Bad(text, "a channel's name consists of a-z, 0-9 and \"-\"",
             "choose a name like phone or ops-mail");
}

Status CheckSecretArgument(const std::string& text) {
  if (text.size() > kLongestText) return Fail("the value is too long");
  return {};
}

Status CheckOff(const std::string& text) {
  if (text == "off") return {};
  return Bad(text, "this must be a mapping, or off",
             "write off, or a mapping like {schedule: \"0 4 * * 0\"}");
}

Status CheckRetentionCount(const std::string& text) {
  if (text == "unlimited") return {};
  return Bad(text, "this is not a number of snapshots",
             "write a whole number without quotes, or unlimited");
}

Status CheckListen(const std::string& text) {
  return text == "off" ? Status{} : ToStatus(ParseListenAddress(text));
}

/// A name or an address as it stands in a browser's address line, without the port.
Status CheckWebName(const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 253 &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
  if (good) return {};
  return Bad(text, "this is no host name",
             "write a name in small letters without a port, like backup.example.org");
}

struct Format {
  std::string_view name;
  Status (*check)(const std::string&);
};

constexpr std::array kFormats = {
    Format{"target-id", CheckTargetId},
    Format{"instance", CheckInstance},
    Format{"timezone", [](const std::string& text) { return ToStatus(Zone::Load(text)); }},
    Format{"cron", CheckCron},
    Format{"cron-or-off",
           [](const std::string& text) { return text == "off" ? Status{} : CheckCron(text); }},
    Format{"duration", [](const std::string& text) { return ToStatus(ParseDuration(text)); }},
    Format{"period", [](const std::string& text) { return CheckPeriod(text, Duration{1}); }},
    Format{"interval", [](const std::string& text) { return CheckPeriod(text, Duration{60}); }},
    Format{"days", [](const std::string& text) { return CheckPeriod(text, Duration{86'400}); }},
    Format{"size", CheckSize},
    Format{"rate", CheckRate},
    Format{"absolute-path", CheckAbsolutePath},
    Format{"relative-path", CheckRelativePath},
    Format{"file-name", CheckFileName},
    Format{"repository-url", CheckRepositoryUrl},
    Format{"repository-id", CheckRepositoryId},
    Format{"tag", CheckTag},
    Format{"pattern", CheckPattern},
    Format{"environment-name", CheckEnvironmentName},
    Format{"within", [](const std::string& text) { return ToStatus(ParseWithin(text)); }},
    Format{"max-unused", CheckMaxUnused},
    Format{"read-data", CheckReadData},
    Format{"share", CheckShare},
    Format{"argument", CheckArgument},
    Format{"secret", CheckSecret},
    Format{"secret-argument", CheckSecretArgument},
    Format{"secret-url", CheckSecretUrl},
    Format{"message-template", CheckMessageTemplate},
    Format{"mail-address", CheckMailAddress},
    Format{"host-name", CheckHostName},
    Format{"header-name", CheckHeaderName},
    Format{"channel-name", CheckChannelName},
    Format{"off", CheckOff},
    Format{"listen", CheckListen},
    Format{"web-name", CheckWebName},
    Format{"retention-count", CheckRetentionCount},
};

}  // namespace

Status CheckFormat(std::string_view format, const std::string& text) {
  for (const Format& known : kFormats) {
    if (known.name == format) return known.check(text);
  }
  return {};
}

double ShareOf(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return text.ends_with('%') ? number / 100 : number;
}

std::string EnvironmentForm(std::string_view target_id) {
  std::string out;
  for (const char c : target_id) {
    if (c == '-') {
      out += '_';
    } else {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return out;
}

}  // namespace targets
