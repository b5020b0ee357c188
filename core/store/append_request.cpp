#include "store/protocol.h"

namespace millimetric::store {

std::string encode_append_request(const append_request& request) {
  std::string out;
  byte_writer w(out);
  w.u8(static_cast<std::uint8_t>(operation::append));
  w.u8(static_cast<std::uint8_t>(request.draws_from));
  segment::append_columns(out, request.events);
  return out;
}

std::optional<append_request> read_append_request(std::string_view body) {
  byte_reader in(body);
  const auto draws_from = static_cast<bucket>(in.u8());
  auto events = segment::read_columns(in.take(in.left()));
  if (!events) return std::nullopt;
  return append_request{draws_from, std::move(*events)};
}

}  // namespace millimetric::store
