#include "mcp/render.h"

#include "answer/render.h"
#include "json/writer.h"
#include "mcp/catalogue.h"

namespace millimetric::mcp {
namespace {

void write_text_block(json::writer& w, std::string_view text) {
  w.begin_object().key("type").string("text").key("text").string(text).end_object();
}

}  // namespace

method_result tool_rows(const answer::outcome& o, const answer::subject& about) {
  method_result out;
  out.rows = o.row_count;
  json::writer w(out.members);
  w.key("content").begin_array();
  write_text_block(w, o.rows);
  if (o.notice) write_text_block(w, *o.notice);
  w.end_array();
  w.key("structuredContent").begin_object();
  w.key("rows").raw(o.rows);
  answer::write_beside_rows(w, o, about);
  w.end_object();
  return out;
}

method_result tool_object(std::string_view object) {
  method_result out;
  json::writer w(out.members);
  w.key("content").begin_array();
  write_text_block(w, object);
  w.end_array();
  w.key("structuredContent").raw(object);
  return out;
}

method_result refused_arguments(const json::field_errors& errors) {
  std::string text;
  json::writer t(text);
  t.begin_object();
  t.key("error").string(describe(error_code::invalid_params).name);
  t.key("details").raw(errors.details());
  t.end_object();
  method_result out;
  json::writer w(out.members);
  w.key("content").begin_array();
  write_text_block(w, text);
  w.end_array();
  w.key("isError").boolean(true);
  return out;
}

method_result resource_text(std::string_view uri, std::string_view text) {
  method_result out;
  json::writer w(out.members);
  w.key("contents").begin_array().begin_object();
  w.key("uri").string(uri);
  w.key("mimeType").string("application/json");
  w.key("text").string(text);
  w.end_object().end_array();
  out.cache = cache_hint{};  // live data: not to be kept
  return out;
}

std::string success_body(std::string_view id, era in, query::endpoint where,
                         const method_result& result) {
  std::string out;
  out.reserve(result.members.size() + 384);
  json::writer w(out);
  w.begin_object();
  w.key("jsonrpc").string("2.0");
  w.key("id").raw(id);
  w.key("result").begin_object();
  const bool modern = in == era::modern;
  if (modern) w.key("resultType").string("complete");
  if (!result.members.empty()) w.raw(result.members);
  if (modern && result.cache) {
    w.key("ttlMs").integer(result.cache->ttl_ms);
    w.key("cacheScope").string(result.cache->scope);
  }
  if (modern) {
    w.key("_meta").begin_object();
    w.key("io.modelcontextprotocol/serverInfo").raw(server_info(where));
    w.end_object();
  }
  w.end_object().end_object();
  return out;
}

}  // namespace millimetric::mcp
