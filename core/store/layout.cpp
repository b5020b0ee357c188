#include "store/layout.h"

namespace millimetric::store {

namespace {

// Of an answer that is an error: no store gives this code otherwise.
constexpr error_code refusal_code = error_code::conflict;

}  // namespace

std::string store_name(std::string_view project, const layout& at, std::uint32_t shard) {
  std::string out(project);
  if (at.generation == 0) return out;
  return out + "/" + std::to_string(at.generation) + "/" + std::to_string(shard);
}

error refused(refusal why) { return {refusal_code, to_record(why)}; }

std::optional<refusal> refusal_of(std::string_view answer) {
  byte_reader in(answer);
  if (in.u8() == 0 || in.u8() != static_cast<std::uint8_t>(refusal_code)) return std::nullopt;
  return from_record<refusal>(in.text());
}

}  // namespace millimetric::store
