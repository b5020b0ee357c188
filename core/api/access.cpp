#include "api/access.h"

#include <algorithm>

#include "api/http.h"
#include "base/text.h"

namespace millimetric::api {
namespace {

using control::key_kind;

result<void> check_scope(key_kind kind, scope wanted) {
  const bool secret = kind == key_kind::secret;
  if (wanted == scope::forget && !secret)
    return fail(error_code::forget_requires_secret_key,
                "/v1/forget takes an sk_ key of the project whose visitor is to be forgotten.");
  if (secret || (wanted == scope::ingest && kind == key_kind::publishable) ||
      (wanted == scope::read && kind == key_kind::read))
    return {};
  const std::string has(name_of(kind));
  if (kind == key_kind::account)
    return fail(error_code::insufficient_scope,
                "ak_ keys read at /mcp/account only. Use an sk_ or rk_ key of the project here.");
  return fail(error_code::insufficient_scope,
              wanted == scope::ingest
                  ? has + "_ keys only read. Send events with a pk_ or sk_ key."
                  : has + "_ keys only send events. Read with an rk_ or sk_ key.");
}

result<void> check_origin(const host::http_request& http, const control::principal& who) {
  if (who.kind != key_kind::publishable) return {};
  const std::string_view origin = http.header("origin");
  const auto& allowed = who.projects.front().origins;
  const bool listed = !origin.empty() &&
                      std::any_of(allowed.begin(), allowed.end(), [&](const std::string& pattern) {
                        return origin_allowed(origin, pattern);
                      });
  if (listed) return {};
  return fail(
      error_code::origin_not_allowed,
      "A pk_ key works only from pages of the project's allowed origins. Add this page's origin to "
      "the project, or send from a server with an sk_ key.");
}

}  // namespace

host::task<result<std::shared_ptr<const control::principal>>> authorize(
    host::context& ctx, const host::http_request& http, control::directory& keys, scope wanted) {
  const auto key = control::read_authorization(http.header("authorization"));
  if (!key) co_return fail(key.error());
  auto who = co_await keys.verify(ctx, *key);
  if (!who) co_return fail(who.error());
  if (auto ok = check_scope((*who)->kind, wanted); !ok) co_return fail(ok.error());
  if (auto ok = check_origin(http, **who); !ok) co_return fail(ok.error());
  co_return who;
}

void allow_origin(host::http_response& r, std::string_view origin) {
  r.headers.emplace_back("access-control-allow-origin", origin);
  r.headers.emplace_back("access-control-expose-headers", "Retry-After, X-Request-Id");
  r.headers.emplace_back("vary", "Origin");
}

result<void> check_json_body(const host::http_request& http) {
  if (!is_json(http.header("content-type")))
    return fail(error_code::unsupported_media_type,
                "Send the body as JSON with the header \"Content-Type: application/json\".");
  if (const std::string_view encoding = trim(http.header("content-encoding"));
      !encoding.empty() && !equals_ignoring_case(encoding, "identity"))
    return fail(error_code::unsupported_media_type,
                "Send the body uncompressed, without the header \"Content-Encoding\".");
  if (http.body_cut)
    return fail(error_code::payload_too_large,
                "The body is larger than " + std::to_string(host::max_body_bytes) + " bytes.");
  if (http.body_broken)
    return fail(error_code::invalid_payload,
                "The body did not arrive whole, or not as its headers announce it; send it again.",
                R"({"fieldErrors":{"body":["must arrive whole"]}})");
  return {};
}

}  // namespace millimetric::api
