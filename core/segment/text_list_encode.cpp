#include <lz4.h>

#include "segment/bit_packing.h"
#include "segment/text_list.h"
#include "segment/text_list_layout.h"

namespace millimetric::segment {
namespace {

constexpr std::size_t least_compressed = 64;  // below, LZ4's own bytes outweigh what it saves

plain_list front_coded(std::span<const std::string_view> values) {
  plain_list out;
  std::string_view before;
  for (const std::string_view v : values) {
    const std::uint32_t shared = shared_prefix(before, v);
    out.shared.push_back(shared);
    out.own.push_back(static_cast<std::uint32_t>(v.size() - shared));
    out.characters += v.substr(shared);
    before = v;
  }
  return out;
}

// Empty when compression does not help.
std::string compressed(const std::string& bytes) {
  if (bytes.size() < least_compressed) return {};
  std::string out(bytes.size(), '\0');
  const int size = LZ4_compress_default(bytes.data(), out.data(), static_cast<int>(bytes.size()),
                                        static_cast<int>(bytes.size()));
  if (size <= 0) return {};
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string encode_plain(std::span<const std::string_view> values) {
  const plain_list list = front_coded(values);
  const std::string smaller = compressed(list.characters);
  const bool compress = !smaller.empty() && smaller.size() < list.characters.size();
  std::string out;
  byte_writer w(out);
  write_head(w, {compress ? text_list_form::compressed : text_list_form::raw,
                 static_cast<std::uint32_t>(values.size())});
  append_numbers(out, list.shared);
  append_numbers(out, list.own);
  w.u32(static_cast<std::uint32_t>(list.characters.size()));
  out += compress ? smaller : list.characters;
  return out;
}

}  // namespace

void write_head(byte_writer& w, const text_list_head& h) {
  w.u8(static_cast<std::uint8_t>(h.form));
  w.u32(h.count);
}

std::string encode_texts(std::span<const std::string_view> values) {
  for (const text_list_form form : {text_list_form::uuids, text_list_form::hashes}) {
    if (values.empty()) break;
    const text_list_head head{form, static_cast<std::uint32_t>(values.size())};
    const auto ids = pack_ids(values, head.kind());
    if (!ids) continue;
    std::string out;
    byte_writer w(out);
    write_head(w, head);
    return out + *ids;
  }
  return encode_plain(values);
}

}  // namespace millimetric::segment
