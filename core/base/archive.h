#pragma once
// Records between gateway and store: one list of fields per type serves writing and reading, so a
// layout is stated once. A type takes part by a member
//   template <class A> void fields(A& archive) { archive(first, second); }
// Numbers are little-endian, text and lists carry a u32 length, an optional a flag byte.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"

namespace millimetric {

class encoder {
 public:
  explicit encoder(std::string& out) noexcept : out_(out) {}

  template <class... T>
  void operator()(T&... items) {
    (put(items), ...);
  }

 private:
  template <class T>
  void put(T& v) {
    if constexpr (std::is_enum_v<T>)
      out_.number(static_cast<std::underlying_type_t<T>>(v));
    else if constexpr (std::is_arithmetic_v<T>)
      out_.number(v);
    else
      v.fields(*this);
  }
  void put(bool& v) { out_.u8(v ? 1 : 0); }
  void put(std::string& v) { out_.text(v); }
  template <class T>
  void put(std::optional<T>& v) {
    out_.u8(v ? 1 : 0);
    if (v) put(*v);
  }
  template <class T>
  void put(std::vector<T>& v) {
    out_.u32(static_cast<std::uint32_t>(v.size()));
    for (T& item : v) put(item);
  }

  byte_writer out_;
};

class decoder {
 public:
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
  template <class T>
  void get(std::optional<T>& v) {
    v.reset();
    if (in_.u8() != 0) get(v.emplace());
  }
  template <class T>
  void get(std::vector<T>& v) {
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
  encoder archive(out);
  archive(v);
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
