#include "runner/http/api.h"

/// Made from runner/http/assets/ at build time.
namespace targets {
extern const char kStyleCss[];
extern const char kPageJs[];
extern const char kIconSvg[];
extern const char kOpenApiJson[];
}  // namespace targets

namespace runner {

std::optional<Response> Asset(const std::string& path) {
  if (path == "/style.css")
    return Response{.type = "text/css; charset=utf-8", .body = targets::kStyleCss};
  if (path == "/page.js")
    return Response{.type = "text/javascript; charset=utf-8", .body = targets::kPageJs};
  if (path == "/icon.svg") return Response{.type = "image/svg+xml", .body = targets::kIconSvg};
  return std::nullopt;
}

std::string_view OpenApiDocument() { return targets::kOpenApiJson; }

}  // namespace runner
