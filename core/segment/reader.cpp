#include "segment/reader.h"

#include <algorithm>
#include <numeric>

namespace millimetric::segment {
namespace {

std::uint8_t number(column_id c) { return static_cast<std::uint8_t>(c); }

// Whether a row group's codes are of the column whose first ones were read.
bool goes_on(const code_reader& stored, const row_codes& column) {
  return stored.per() == code_rows::events && stored.values() == column.null_code;
}

chunk_place place_of(const chunk_entry& e) { return {e.column, e.part}; }

std::vector<chunk_place> places_of(const std::vector<const chunk_entry*>& parts) {
  std::vector<chunk_place> out;
  for (const chunk_entry* part : parts) out.push_back(place_of(*part));
  return out;
}

// Whether one of the rising numbers lies in [part.first, end).
bool holds_any(const chunk_entry& part, std::uint32_t end, std::span<const std::uint16_t> rising) {
  const auto at = std::lower_bound(rising.begin(), rising.end(), part.first);
  return at != rising.end() && *at < end;
}

// Where a place is, or would be, among places that rise.
template <class Chunks>
auto lower_bound(Chunks& chunks, chunk_place at) {
  return std::lower_bound(chunks.begin(), chunks.end(), at,
                          [](const auto& chunk, chunk_place p) { return chunk.first < p; });
}

}  // namespace

bool reader::has(chunk_place at) const {
  const auto found = lower_bound(chunks_, at);
  return found != chunks_.end() && found->first == at;
}

std::string_view reader::chunk(chunk_place at) const {
  const auto found = lower_bound(chunks_, at);
  return found != chunks_.end() && found->first == at ? found->second : std::string_view();
}

bool reader::refers_to_urls(column_id c) const {
  return c == column_id::referrer && head_->has(column_id::referrer_urls);
}

void reader::give(chunk_place at, std::string_view bytes) {
  const auto place = lower_bound(chunks_, at);
  if (place != chunks_.end() && place->first == at)
    place->second = bytes;
  else
    chunks_.emplace(place, at, bytes);
  if (at.first == number(column_id::referrer_urls)) references_ = decode_url_references(bytes);
}

bool reader::find_lists(column_id c, std::span<const std::uint16_t> codes, listed& out) const {
  if (!refers_to_urls(c)) {
    out.own.assign(codes.begin(), codes.end());
    return true;
  }
  const auto& r = references_;
  if (!r) return false;
  for (const std::uint16_t code : codes) {
    if (code < r->own)
      out.own.push_back(code);
    else if (code - r->own < r->urls.size())
      out.urls.push_back(r->urls[code - r->own]);
  }
  return true;
}

std::vector<reader::row_group> reader::row_groups(column_id c) const {
  std::vector<row_group> out;
  for (const chunk_entry* e : head_->parts_of(c)) {
    if (!has_rows(e->part)) continue;
    if (!out.empty()) out.back().rows.end = e->first;
    out.push_back({place_of(*e), {e->first, head_->events}});
  }
  std::size_t end = 0;
  for (const row_group& g : out) {
    if (g.rows.begin != end || g.rows.end <= g.rows.begin) return {};
    end = g.rows.end;
  }
  return out;
}

std::vector<reader::row_group> reader::row_groups(column_id c,
                                                  std::span<const std::uint32_t> rows) const {
  std::vector<row_group> out = row_groups(c);
  std::erase_if(out, [&](const row_group& g) {
    const auto at = std::lower_bound(rows.begin(), rows.end(), g.rows.begin);
    return at == rows.end() || *at >= g.rows.end;
  });
  return out;
}

std::vector<reader::row_group> reader::row_groups(column_id c, row_range rows) const {
  std::vector<row_group> out = row_groups(c);
  std::erase_if(out, [&](const row_group& g) {
    return g.rows.end <= rows.begin || rows.end <= g.rows.begin;
  });
  return out;
}

std::vector<chunk_place> reader::codes_need(column_id c,
                                            const std::vector<row_group>& groups) const {
  std::vector<chunk_place> out;
  for (const row_group& g : groups) out.push_back(g.at);
  if (refers_to_urls(c)) out.emplace_back(number(column_id::referrer_urls), codes_part);
  return out;
}

std::vector<chunk_place> reader::codes_need(column_id c, row_range rows) const {
  std::vector<chunk_place> out = codes_need(c, row_groups(c, rows));
  if (c == column_id::path) append(out, codes_need(column_id::url, rows));
  return out;
}

// Codes per url are one part, of which any row may need any.
std::vector<chunk_place> reader::codes_need(column_id c,
                                            std::span<const std::uint32_t> rows) const {
  std::vector<chunk_place> out = codes_need(c, row_groups(c, rows));
  if (c == column_id::path) append(out, codes_need(column_id::url, rows));
  return out;
}

std::vector<const chunk_entry*> reader::value_parts(column_id c) const {
  std::vector<const chunk_entry*> out = head_->parts_of(c);
  std::erase_if(out, [](const chunk_entry* e) { return has_rows(e->part); });
  return out;
}

std::vector<chunk_place> reader::values_need(column_id c) const {
  std::vector<chunk_place> out = places_of(value_parts(c));
  if (!refers_to_urls(c)) return out;
  out.emplace_back(number(column_id::referrer_urls), codes_part);
  append(out, places_of(value_parts(column_id::url)));
  return out;
}

std::vector<const chunk_entry*> reader::value_parts(column_id c,
                                                    std::span<const std::uint16_t> rising) const {
  std::vector<const chunk_entry*> out;
  const std::vector<const chunk_entry*> parts = value_parts(c);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::uint32_t end = i + 1 < parts.size() ? parts[i + 1]->first : max_events;
    if (holds_any(*parts[i], end, rising)) out.push_back(parts[i]);
  }
  return out;
}

std::vector<chunk_place> reader::values_need(column_id c,
                                             std::span<const std::uint16_t> numbers) const {
  std::vector<std::uint16_t> sorted(numbers.begin(), numbers.end());
  std::sort(sorted.begin(), sorted.end());
  listed lists;
  // References that cannot be read are found to be damaged when the values are.
  if (!find_lists(c, sorted, lists)) return {};
  std::vector<chunk_place> out = places_of(value_parts(c, lists.own));
  append(out, places_of(value_parts(column_id::url, lists.urls)));
  return out;
}

bool reader::open_integers(const std::vector<row_group>& groups, integer_column& out) const {
  const bool opened = std::all_of(groups.begin(), groups.end(), [&](const row_group& g) {
    return out.add(g.rows.begin, chunk(g.at), g.rows.size());
  });
  return opened && !groups.empty();
}

bool reader::integers(column_id c, row_range rows, integer_column& out) const {
  return open_integers(row_groups(c, rows), out);
}

bool reader::integers(column_id c, std::span<const std::uint32_t> rows, integer_column& out) const {
  return open_integers(row_groups(c, rows), out);
}

bool reader::integers(column_id c, row_range rows, std::vector<std::int64_t>& out) const {
  integer_column column;
  if (!integers(c, rows, column)) return false;
  column.read(rows.begin, rows.end, out);
  return true;
}

bool reader::open_codes(const row_group& group, code_reader& out) const {
  return out.open(chunk(group.at)) &&
         (out.per() == code_rows::urls || out.size() == group.rows.size());
}

template <class Read>
bool reader::read_codes(column_id c, row_range rows, std::uint32_t null_code, Read read) const {
  for (const row_group& g : row_groups(c, rows)) {
    const std::size_t begin = std::max(rows.begin, g.rows.begin);
    const std::size_t end = std::min(rows.end, g.rows.end);
    code_reader stored;
    if (!open_codes(g, stored) || stored.per() != code_rows::events ||
        stored.values() != null_code ||
        !read(stored, begin - g.rows.begin, begin - rows.begin, end - begin))
      return false;
  }
  return true;
}

bool reader::open_first(column_id c, row_range rows, code_reader& out) const {
  const std::vector<row_group> groups = row_groups(c, rows);
  return !groups.empty() && open_codes(groups.front(), out);
}

bool reader::codes(column_id c, row_range rows, row_codes& out) const {
  out.null_code = by_rows(c) ? head_->events : 0;
  out.codes.assign(rows.size(), 0);
  if (by_rows(c))
    std::iota(out.codes.begin(), out.codes.end(), static_cast<std::uint16_t>(rows.begin));
  if (by_rows(c) || !head_->has(c)) return true;
  code_reader stored;
  if (!open_first(c, rows, stored)) return false;
  out.null_code = stored.values();
  if (stored.per() == code_rows::urls) {
    std::vector<std::uint16_t> by_url(stored.size());
    return c == column_id::path && stored.read(0, by_url) &&
           look_up(column_id::url, rows, std::move(by_url), out.codes);
  }
  return read_codes(c, rows, out.null_code,
                    [&](const code_reader& from, std::size_t begin, std::size_t at, std::size_t n) {
                      return from.read(begin, std::span(out.codes).subspan(at, n));
                    });
}

template <class T>
bool reader::look_up(column_id c, row_range rows, std::vector<T> by_code,
                     std::vector<T>& out) const {
  out.resize(rows.size());
  if (by_rows(c) || !head_->has(c)) {
    if (by_code.size() != (by_rows(c) ? head_->events : 0) + std::size_t{1}) return false;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = by_code[by_rows(c) ? rows.begin + i : 0];
    return true;
  }
  code_reader stored;
  if (!open_first(c, rows, stored) || by_code.size() != std::size_t{stored.values()} + 1)
    return false;
  if (stored.per() == code_rows::urls) {
    std::vector<T> by_url(stored.size());
    return c == column_id::path && stored.look_up<T>(0, by_code, by_url) &&
           look_up(column_id::url, rows, std::move(by_url), out);
  }
  return read_codes(c, rows, stored.values(),
                    [&](const code_reader& from, std::size_t begin, std::size_t at, std::size_t n) {
                      return from.look_up<T>(begin, by_code, std::span(out).subspan(at, n));
                    });
}

template bool reader::look_up(column_id, row_range, std::vector<std::uint8_t>,
                              std::vector<std::uint8_t>&) const;
template bool reader::look_up(column_id, row_range, std::vector<std::uint16_t>,
                              std::vector<std::uint16_t>&) const;

bool reader::find(column_id c, row_range rows, std::vector<std::uint8_t> by_code,
                  std::vector<std::uint32_t>& out) const {
  out.clear();
  code_reader stored;
  const bool has_codes = head_->has(c) && !by_rows(c);
  if (has_codes && !open_first(c, rows, stored)) return false;
  if (has_codes && stored.per() == code_rows::events)
    return read_codes(
        c, rows, stored.values(),
        [&](const code_reader& from, std::size_t begin, std::size_t at, std::size_t n) {
          return from.find(begin, begin + n, by_code, rows.begin + at - begin, out);
        });
  std::vector<std::uint8_t> marks;
  if (!look_up(c, rows, std::move(by_code), marks)) return false;
  for (std::size_t i = 0; i < marks.size(); ++i)
    if (marks[i] != 0) out.push_back(static_cast<std::uint32_t>(rows.begin + i));
  return true;
}

bool reader::pick_codes(const std::vector<row_group>& groups, std::span<const std::uint32_t> rows,
                        row_codes& out) const {
  out.codes.clear();
  std::vector<std::uint16_t> picked;
  for (const row_group& g : groups) {
    std::vector<std::uint32_t> in_group;
    for (const std::uint32_t row : rows)
      if (row >= g.rows.begin && row < g.rows.end)
        in_group.push_back(row - static_cast<std::uint32_t>(g.rows.begin));
    code_reader stored;
    if (!open_codes(g, stored) || !goes_on(stored, out) || !stored.pick(in_group, picked))
      return false;
    out.codes.insert(out.codes.end(), picked.begin(), picked.end());
  }
  return out.codes.size() == rows.size();
}

bool reader::codes_of(column_id c, std::span<const std::uint32_t> rows, row_codes& out) const {
  if (!head_->has(c) || by_rows(c)) {
    out.null_code = by_rows(c) ? head_->events : 0;
    out.codes.assign(rows.size(), 0);
    if (by_rows(c)) std::copy(rows.begin(), rows.end(), out.codes.begin());
    return true;
  }
  const std::vector<row_group> groups = row_groups(c, rows);
  code_reader stored;
  if (groups.empty() || !open_codes(groups.front(), stored)) return false;
  out.null_code = stored.values();
  if (stored.per() == code_rows::events) return pick_codes(groups, rows, out);
  row_codes urls;
  if (c != column_id::path || !codes_of(column_id::url, rows, urls)) return false;
  std::vector<std::uint16_t> by_url(std::size_t{urls.null_code} + 1);
  if (stored.size() != by_url.size() || !stored.read(0, by_url)) return false;
  out.codes = std::move(urls.codes);
  for (std::uint16_t& code : out.codes) code = by_url[code];
  return true;
}

bool reader::count_values(column_id c, std::uint32_t& out) const {
  out = 0;
  for (const chunk_entry* part : value_parts(c)) {
    const auto count = count_texts(chunk(place_of(*part)));
    if (!count || part->first != out) return false;
    out += *count;
  }
  if (!refers_to_urls(c)) return true;
  const auto& r = references_;
  if (!r || r->own != out) return false;
  out += static_cast<std::uint32_t>(r->urls.size());
  return true;
}

std::optional<std::uint32_t> reader::own_code_of(column_id c, std::string_view value,
                                                 bool& bad) const {
  for (const chunk_entry* part : value_parts(c)) {
    const auto found = find_text(chunk(place_of(*part)), value, bad);
    if (bad) return std::nullopt;
    if (found) return part->first + *found;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> reader::code_of(column_id c, std::string_view value, bool& bad) const {
  const auto own = own_code_of(c, value, bad);
  if (own || bad || !refers_to_urls(c)) return own;
  const auto& r = references_;
  const auto url = own_code_of(column_id::url, value, bad);
  bad = bad || !r;
  if (bad || !url) return std::nullopt;
  const auto at = std::lower_bound(r->urls.begin(), r->urls.end(), *url);
  if (at == r->urls.end() || *at != *url) return std::nullopt;
  return r->own + static_cast<std::uint32_t>(at - r->urls.begin());
}

bool reader::own_values(column_id c, texts& out) const {
  out.clear();
  const auto parts = value_parts(c);
  // At once: a column may take a good part of the memory there is.
  text_sizes all;
  for (const chunk_entry* part : parts) {
    const auto sizes = measure_texts(chunk(place_of(*part)));
    if (!sizes) return false;
    all.count += sizes->count;
    all.bytes += sizes->bytes;
  }
  if (all.count > max_events || all.bytes > most_list_bytes) return false;
  out.reserve(all.count, all.bytes);
  for (const chunk_entry* part : parts) {
    if (part->first != out.size() || !decode_texts(chunk(place_of(*part)), out)) return false;
  }
  return true;
}

bool reader::values(column_id c, texts& out) const {
  if (!own_values(c, out)) return false;
  if (!refers_to_urls(c)) return true;
  const auto& r = references_;
  return r && r->own == out.size() && own_values_of(column_id::url, r->urls, out);
}

bool reader::own_values_of(column_id c, std::span<const std::uint16_t> rising, texts& out) const {
  std::size_t done = 0;
  for (const chunk_entry* part : value_parts(c, rising)) {
    const std::string_view bytes = chunk(place_of(*part));
    const auto count = count_texts(bytes);
    if (!count) return false;
    std::vector<std::uint32_t> places;
    for (; done < rising.size() && rising[done] - part->first < *count; ++done)
      places.push_back(rising[done] - part->first);
    if (!decode_texts_at(bytes, places, out)) return false;
  }
  return done == rising.size();
}

bool reader::values_of(column_id c, std::span<const std::uint16_t> codes, texts& out) const {
  listed lists;
  return find_lists(c, codes, lists) && lists.own.size() + lists.urls.size() == codes.size() &&
         own_values_of(c, lists.own, out) && own_values_of(column_id::url, lists.urls, out);
}

bool reader::rows_of(column_id c, std::span<const std::string_view> wanted,
                     std::vector<text_match>& out) const {
  for (const chunk_entry* part : value_parts(c)) {
    const std::size_t before = out.size();
    if (!find_texts(chunk(place_of(*part)), wanted, out)) return false;
    for (std::size_t i = before; i < out.size(); ++i) out[i].place += part->first;
  }
  return true;
}

bool reader::for_each_list(column_id c, std::vector<std::uint64_t>& out,
                           bool (*append)(std::string_view, std::vector<std::uint64_t>&)) const {
  out.clear();
  if (refers_to_urls(c)) {  // no question is about these: as a list made of them
    texts all;
    if (!values(c, all)) return false;
    std::vector<std::string_view> views;
    for (std::size_t i = 0; i < all.size(); ++i) views.push_back(all[i]);
    return append(encode_texts(views), out);
  }
  for (const chunk_entry* part : value_parts(c)) {
    if (part->first != out.size() || !append(chunk(place_of(*part)), out)) return false;
  }
  return true;
}

bool reader::hashes(column_id c, std::vector<std::uint64_t>& out) const {
  return for_each_list(c, out, hash_texts);
}

bool reader::keys(column_id c, std::vector<std::uint64_t>& out) const {
  return for_each_list(c, out, key_texts);
}

}  // namespace millimetric::segment
