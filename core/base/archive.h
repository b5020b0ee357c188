#pragma once
// Records between gateway and store: one list of fields per type serves writing and reading, so a
// layout is stated once. A type takes part by a member
//   template <class A> void fields(A& archive) { archive(first, second); }
// Numbers are little-endian, text and lists carry a u32 length, an optional a flag byte. A view of
// text is written as the text is, and read as a view of the record. Where the fields are made for
// the record, `A::reads` tells which way they go.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"

namespace millimetric {

// Numbers whose bytes in memory are those of the record.
template <class T>
inline constexpr bool is_plain_number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

// Appends to a string, which is whole once the encoder is destroyed: a record is many small fields,
// and most of them must cost no more than their bytes.
class encoder {
 public:
  static constexpr bool reads = false;
  explicit encoder(std::string& out) : out_(out), at_(out.data() + out.size()), end_(at_) {}
  encoder(const encoder&) = delete;
  encoder& operator=(const encoder&) = delete;
  ~encoder() { out_.resize(used()); }

  template <class... T>
  void operator()(T&... items) {
    (put(items), ...);
  }

 private:
  static constexpr std::size_t least_room = 64;  // bytes; most records are no longer

  template <class T>
  void put(T& v) {
    if constexpr (std::is_enum_v<T> || std::is_arithmetic_v<T>)
      number(v);
    else
      v.fields(*this);
  }
  void put(bool& v) { number(static_cast<std::uint8_t>(v ? 1 : 0)); }
  void put(std::string& v) { text(v); }
  void put(std::string_view& v) { text(v); }
  template <class T>
  void put(std::optional<T>& v) {
    bool is_there = v.has_value();
    put(is_there);
    if (is_there) put(*v);
  }
  template <class T>
  void put(std::vector<T>& v) {
    number(static_cast<std::uint32_t>(v.size()));
    if constexpr (is_plain_number<T>)
      bytes({reinterpret_cast<const char*>(v.data()), v.size() * sizeof(T)});
    else
      for (T& item : v) put(item);
  }

  template <class T>
  void number(T v) {
    make_room(sizeof(T));
    std::memcpy(at_, &v, sizeof(T));
    at_ += sizeof(T);
  }
  void text(std::string_view s) {
    number(static_cast<std::uint32_t>(s.size()));
    bytes(s);
  }
  void bytes(std::string_view s) {
    make_room(s.size());
    copy_short(at_, s);
    at_ += s.size();
  }
  [[gnu::always_inline]] void make_room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) grow(size);
  }
  [[gnu::noinline]] void grow(std::size_t size) {
    const std::size_t before = used();
    out_.resize(before + std::max({size, before, least_room}));
    at_ = out_.data() + before;
    end_ = out_.data() + out_.size();
  }
  [[nodiscard]] std::size_t used() const { return static_cast<std::size_t>(at_ - out_.data()); }

  std::string& out_;
  char* at_;   // what comes next goes here,
  char* end_;  // and there is room up to here
};

class decoder {
 public:
  static constexpr bool reads = true;
  explicit decoder(std::string_view in) noexcept : in_(in) {}

  template <class... T>
  void operator()(T&... items) {
    (get(items), ...);
  }
  [[nodiscard]] bool finished() const noexcept { return in_.finished(); }

 private:
  template <class T>
  void get(T& v) {
    if constexpr (std::is_enum_v<T>)
      v = static_cast<T>(in_.number<std::underlying_type_t<T>>());
    else if constexpr (std::is_arithmetic_v<T>)
      v = in_.number<T>();
    else
      v.fields(*this);
  }
  void get(bool& v) { v = in_.u8() != 0; }
  void get(std::string& v) { v = std::string(in_.text()); }
  void get(std::string_view& v) { v = in_.text(); }
  template <class T>
  void get(std::optional<T>& v) {
    v.reset();
    if (in_.u8() != 0) get(v.emplace());
  }
  template <class T>
  void get(std::vector<T>& v) {
    if constexpr (is_plain_number<T>) {
      v.resize(in_.count(sizeof(T)));
      const std::string_view bytes = in_.take(v.size() * sizeof(T));
      if (!bytes.empty()) std::memcpy(v.data(), bytes.data(), bytes.size());
      return;
    }
    const std::uint32_t n = in_.count(1);
    v.clear();
    v.reserve(std::min<std::size_t>(n, in_.left() / sizeof(T) + 1));  // as much as came, no more
    for (std::uint32_t i = 0; i < n && in_.ok(); ++i) get(v.emplace_back());
  }

  byte_reader in_;
};

template <class T>
[[nodiscard]] std::string to_record(T v) {
  std::string out;
  {
    encoder archive(out);
    archive(v);
  }
  return out;
}

// Empty when the bytes are not exactly one T.
template <class T>
[[nodiscard]] std::optional<T> from_record(std::string_view bytes) {
  T v{};
  decoder archive(bytes);
  archive(v);
  return archive.finished() ? std::optional<T>(std::move(v)) : std::nullopt;
}

}  // namespace millimetric
