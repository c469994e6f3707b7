#include <charconv>
#include <optional>

#include "tests/support/b2_server/call.h"

namespace runner::testing::b2 {
namespace {

struct Range {
  std::size_t from = 0;
  std::size_t length = 0;
};

std::optional<std::size_t> NumberOf(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "bytes=FIRST-[LAST]", cut at the end of the file; nothing: 416.
std::optional<Range> RangeOf(std::string_view header, std::size_t size) {
  const std::size_t dash = header.find('-');
  if (!header.starts_with("bytes=") || dash == std::string_view::npos) return std::nullopt;
  const auto first = NumberOf(header.substr(6, dash - 6));
  const auto last = NumberOf(header.substr(dash + 1));
  if (!first || *first >= size || (last && *last < *first)) return std::nullopt;
  const std::size_t end = last && *last < size ? *last + 1 : size;
  return Range{*first, end - *first};
}

Outcome<Reply> Download(const Call& call, const FileVersion& version) {
  if (version.action != Action::kUpload) return NoSuchFile();
  const std::string header = call.request.Header("Range");
  const std::optional<Range> range =
      header.empty() ? Range{0, version.size()} : RangeOf(header, version.size());
  if (!range)
    return Refuse(416, "range_not_satisfiable", "The Range in the request is outside the file");
  Reply reply{.status = header.empty() ? 200 : 206,
              .content_type = version.content_type,
              .body = version.content,
              .from = range->from,
              .length = range->length};
  reply.headers = {{"Accept-Ranges", "bytes"},
                   {"X-Bz-File-Id", version.id},
                   {"X-Bz-File-Name", PercentEncode(version.name)},
                   {"X-Bz-Content-Sha1", version.sha1},
                   {"X-Bz-Upload-Timestamp", std::to_string(version.time_ms)}};
  for (const auto& [name, value] : version.info)
    reply.headers.emplace_back("X-Bz-Info-" + name, PercentEncode(value));
  if (!header.empty())
    reply.headers.emplace_back("Content-Range",
                               "bytes " + std::to_string(range->from) + "-" +
                                   std::to_string(range->from + range->length - 1) + "/" +
                                   std::to_string(version.size()));
  return reply;
}

/// One parameter of "a=b&c=d".
std::string Parameter(const std::string& query, const std::string& name) {
  const std::string all = "&" + query + "&";
  const std::size_t at = all.find("&" + name + "=");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 2;
  return PercentDecode(all.substr(from, all.find('&', from) - from));
}

}  // namespace

Outcome<Reply> DownloadFileByName(Call& call) {
  const std::size_t slash = call.target.rest.find('/');
  if (slash == std::string::npos) return NoSuchFile();
  const Outcome<Bucket> bucket =
      call.store.BucketNamed(PercentDecode(call.target.rest.substr(0, slash)));
  if (!bucket) return tl::unexpected(bucket.error());
  const std::string name = PercentDecode(call.target.rest.substr(slash + 1));
  if (auto allowed = call.Allow(bucket->id, name); !allowed) return tl::unexpected(allowed.error());
  const Outcome<FileVersion> version = call.store.Visible(bucket->id, name);
  if (!version) return tl::unexpected(version.error());
  return Download(call, *version);
}

Outcome<Reply> DownloadFileById(Call& call) {
  const std::string in_query = Parameter(call.request.query, "fileId");
  const Outcome<FileVersion> version =
      call.store.Version(in_query.empty() ? call.fields.Text("fileId") : in_query);
  if (!version) return tl::unexpected(version.error());
  if (auto allowed = call.Allow(version->bucket_id, version->name); !allowed)
    return tl::unexpected(allowed.error());
  return Download(call, *version);
}

}  // namespace runner::testing::b2
