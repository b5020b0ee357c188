#pragma once
// What was found out about something a moment ago. For batches, in which the same texts come again
// and again: bounded, and never wrong, since a place that is taken by another key is taken anew.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace millimetric {

// A hash for a memo, of a word at a time. Texts that somebody has made to collide cost time, no
// more.
[[nodiscard]] inline std::uint64_t quick_hash(std::string_view text) noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
  std::uint64_t hash = text.size();
  std::uint64_t word = 0;
  for (; text.size() > sizeof(word); text.remove_prefix(sizeof(word))) {
    std::memcpy(&word, text.data(), sizeof(word));
    hash = (hash ^ word) * odd;
    hash ^= hash >> 32;
  }
  word = 0;
  for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  hash = (hash ^ word) * odd;
  return hash ^ hash >> 32;
}

// Keeps its keys: those that are views must live as long as the memo does.
template <class Key, class Answer, std::size_t size>
class memo {
 public:
  // What is known of the key, or else what `find_out()` says; valid until the next call. Equal keys
  // have equal hashes.
  template <class FindOut>
  const Answer& of(const Key& key, std::uint64_t hash, FindOut find_out) {
    place& at = places_[hash % size];
    if (!at.taken || at.key != key) at = {true, key, find_out()};
    return at.answer;
  }

 private:
  struct place {
    bool taken = false;
    Key key;
    Answer answer;
  };
  std::array<place, size> places_{};
};

}  // namespace millimetric
