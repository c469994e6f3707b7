#include "targets/schedule/zone.h"

#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "targets/base/text.h"
#include "targets/schedule/zone_names.h"

namespace targets {

struct Zone::Data {
  std::string name;
  cctz::time_zone zone;
};

namespace {

constexpr std::size_t kLongestName = 64;

cctz::time_point<cctz::seconds> ToCctz(UnixTime time) {
  return cctz::time_point<cctz::seconds>{cctz::seconds{ToUnixSeconds(time)}};
}

/// Civil time as the seconds that a clock at UTC would show it.
Duration SinceCivil1970(const cctz::civil_second& civil) {
  return Duration{civil - cctz::civil_second(1970)};
}

ClockChange ToChange(const cctz::time_zone::civil_transition& transition, Duration before) {
  const Duration from = SinceCivil1970(transition.from);
  const Duration to = SinceCivil1970(transition.to);
  return ClockChange{
      .at = UnixTime{from - before}, .before = before, .after = before + (to - from)};
}

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '/';
}

/// Names of the database itself. Keeps out what cctz would also open: paths, "file:", "libc:",
/// "Fixed/".
bool IsDatabaseName(std::string_view name) {
  return name.size() <= kLongestName && std::all_of(name.begin(), name.end(), IsNameCharacter) &&
         !name.starts_with('/') && !name.ends_with('/') && name.find("//") == name.npos &&
         !name.starts_with("Fixed/");
}

tl::unexpected<Error> UnknownZone(const std::string& name) {
  const std::optional<std::string> nearest = NearestZoneName(name);
  return Fail(fmt::format("unknown time zone \"{}\"", OneLine(name, kLongestName)),
              nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                      : "use a name of the IANA database, like Europe/Berlin or UTC");
}

}  // namespace

Zone::Zone()
    : Zone(std::make_shared<const Data>(Data{.name = "UTC", .zone = cctz::utc_time_zone()})) {}

Result<Zone> Zone::Load(const std::string& name) {
  if (name.empty()) {
    return Fail("the time zone's name is empty", "write a name like Europe/Berlin, or UTC");
  }
  if (name.starts_with('/') || name.starts_with('.') || name.starts_with(':')) {
    return Fail(fmt::format("time zone \"{}\" is a path", OneLine(name, kLongestName)),
                "write the zone's name, like Europe/Berlin");
  }
  if (name == "localtime" || name == "posixrules") {
    return Fail(fmt::format("time zone \"{}\" means something else on every machine", name),
                "write the zone's name, like Europe/Berlin");
  }
  Data data{.name = name, .zone = {}};
  if (!IsDatabaseName(name) || !cctz::load_time_zone(name, &data.zone)) return UnknownZone(name);
  return Zone(std::make_shared<const Data>(std::move(data)));
}

const std::string& Zone::name() const { return data_->name; }

Duration Zone::OffsetAt(UnixTime time) const {
  return Duration{data_->zone.lookup(ToCctz(time)).offset};
}

std::optional<ClockChange> Zone::NextChange(UnixTime after) const {
  cctz::time_zone::civil_transition transition;
  if (!data_->zone.next_transition(ToCctz(after), &transition)) return std::nullopt;
  return ToChange(transition, OffsetAt(after));
}

std::optional<ClockChange> Zone::PreviousChange(UnixTime at) const {
  cctz::time_zone::civil_transition transition;
  if (!data_->zone.prev_transition(ToCctz(at + Duration{1}), &transition)) return std::nullopt;
  const Duration shift = SinceCivil1970(transition.to) - SinceCivil1970(transition.from);
  return ToChange(transition, OffsetAt(at) - shift);
}

std::string Zone::FormatRfc3339(UnixTime time) const {
  const Duration offset = std::chrono::floor<std::chrono::minutes>(OffsetAt(time));
  std::string out = targets::FormatRfc3339(time + offset);
  out.pop_back();  // the "Z" of UTC
  const auto minutes = std::abs(offset.count()) / 60;
  return fmt::format("{}{}{:02}:{:02}", out, offset.count() < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
}

std::string Zone::FormatForPeople(UnixTime time) const {
  return cctz::format("%a %Y-%m-%d %H:%M %Z", ToCctz(time), data_->zone);
}

}  // namespace targets
