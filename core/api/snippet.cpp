#include "api/snippet.h"

#include "api/http.h"
#include "snippet_text.h"  // made by CMake: snippet_text

namespace millimetric::api {

host::http_response serve_snippet(const host::http_request& http) {
  if (http.method != "GET" && http.method != "HEAD") return method_not_allowed("GET, HEAD");
  host::http_response r;
  r.headers.emplace_back("content-type", "text/javascript; charset=utf-8");
  r.headers.emplace_back("cache-control", "public, max-age=3600");
  r.headers.emplace_back("access-control-allow-origin", "*");
  r.headers.emplace_back("cross-origin-resource-policy", "cross-origin");
  r.body = std::string(snippet_text);
  return r;
}

}  // namespace millimetric::api
