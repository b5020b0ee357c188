#pragma once
// Flat little-endian records: what crosses the host boundary, and what gateway and store say to
// each other. A writer appends to a string; a reader never reads past its input: after the first
// short read it is failed: every later read gives zero or empty, and `ok()` stays false.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace millimetric {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

// Copies a text that is probably short: a memory.copy of WebAssembly is a call into the runtime,
// which costs more than most names, ids and addresses take by themselves.
inline void copy_short(char* to, std::string_view text) noexcept {
  constexpr std::size_t longest = 128;  // beyond it the call is worth its while
  const char* const from = text.data();
  const std::size_t size = text.size();
  struct block {
    std::uint64_t half[2];
  };
  const auto copy = [&](auto word, std::size_t at) {
    std::memcpy(&word, from + at, sizeof(word));
    std::memcpy(to + at, &word, sizeof(word));
  };
  // The last word may overlap the one before it.
  if (size > longest) {
    std::memcpy(to, from, size);
  } else if (size >= sizeof(block)) {
    for (std::size_t at = 0; at + sizeof(block) < size; at += sizeof(block)) copy(block{}, at);
    copy(block{}, size - sizeof(block));
  } else if (size >= sizeof(std::uint64_t)) {
    copy(std::uint64_t{}, 0);
    copy(std::uint64_t{}, size - sizeof(std::uint64_t));
  } else if (size >= sizeof(std::uint32_t)) {
    copy(std::uint32_t{}, 0);
    copy(std::uint32_t{}, size - sizeof(std::uint32_t));
  } else {
    for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
  }
}

class byte_writer {
 public:
  explicit byte_writer(std::string& out) noexcept : out_(out) {}

  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out_.append(raw, sizeof(T));
  }
  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u16(std::uint16_t v) { number(v); }
  void u32(std::uint32_t v) { number(v); }
  void u64(std::uint64_t v) { number(v); }
  void i64(std::int64_t v) { number(v); }

  // A length (u32, in bytes) and the bytes.
  void text(std::string_view s) {
    u32(static_cast<std::uint32_t>(s.size()));
    out_.append(s);
  }

 private:
  std::string& out_;
};

class byte_reader {
 public:
  explicit byte_reader(std::string_view in) noexcept : in_(in) {}

  template <class T>
  requires std::is_arithmetic_v<T>
  [[nodiscard]] T number() noexcept {
    T value{};
    const std::string_view raw = take(sizeof(T));
    if (raw.size() == sizeof(T)) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  [[nodiscard]] std::uint8_t u8() noexcept { return number<std::uint8_t>(); }
  [[nodiscard]] std::uint16_t u16() noexcept { return number<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() noexcept { return number<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() noexcept { return number<std::uint64_t>(); }
  [[nodiscard]] std::int64_t i64() noexcept { return number<std::int64_t>(); }

  // A view into the input: valid as long as the input is.
  [[nodiscard]] std::string_view text() noexcept { return take(u32()); }
  [[nodiscard]] std::string_view take(std::size_t n) noexcept {
    if (!ok_ || n > in_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }

  // A count of items of at least `least_bytes` each: fails when the rest of the input cannot
  // hold that many, so that a hostile count never causes a large allocation.
  [[nodiscard]] std::uint32_t count(std::size_t least_bytes) noexcept {
    const std::uint32_t n = u32();
    if (n > in_.size() / least_bytes) ok_ = false;
    return ok_ ? n : 0;
  }

  // What was read is not what was expected.
  void fail() noexcept { ok_ = false; }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool finished() const noexcept { return ok_ && in_.empty(); }

 private:
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace millimetric
