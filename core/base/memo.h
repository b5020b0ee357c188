#pragma once
// What was found out about something a moment ago. For batches, in which the same texts come again
// and again: bounded, and never wrong, since a place that is taken by another key is taken anew.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace millimetric {

// A hash for a memo, of a word at a time. Texts that somebody has made to collide cost time, no
// more.
[[nodiscard]] inline std::uint64_t quick_hash(std::string_view text) noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
  std::uint64_t hash = text.size();
  std::uint64_t word = 0;
  const auto add = [&] {
    hash = (hash ^ word) * odd;
    hash ^= hash >> 32;
  };
  for (std::size_t at = 0; at + sizeof(word) < text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    add();
  }
  if (text.size() >= sizeof(word)) {
    // The last word, a part of which the one before may have had.
    std::memcpy(&word, text.data() + text.size() - sizeof(word), sizeof(word));
  } else {
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  }
  add();
  return hash;
}

// Keeps its keys: those that are views must live as long as the memo does. A key has the four
// places that its hash says, and a new one takes that of the oldest there.
template <class Key, class Answer, std::size_t size>
class memo {
 public:
  // What is known of the key, or of what equals it, or nullptr. Equal keys have equal hashes.
  template <class Like>
  [[nodiscard]] const Answer* find(const Like& key, std::uint64_t hash) const noexcept {
    const std::size_t first = first_place(hash);
    for (std::size_t i = first; i < first + ways; ++i) {
      const place& at = places_[i];
      if (at.taken && at.hash == hash && at.key == key) return &at.answer;
    }
    return nullptr;
  }

  // Valid until the next one, as what was found before is until now.
  const Answer& keep(Key key, std::uint64_t hash, Answer answer) {
    const std::size_t first = first_place(hash);
    for (std::size_t i = first + ways - 1; i > first; --i) places_[i] = std::move(places_[i - 1]);
    places_[first] = {hash, true, std::move(key), std::move(answer)};
    return places_[first].answer;
  }

 private:
  // With one place for each hash, every other batch would have two keys that push each other out.
  static constexpr std::size_t ways = 4;
  static_assert(size % ways == 0);

  struct place {
    std::uint64_t hash = 0;
    bool taken = false;
    Key key;
    Answer answer;
  };

  static std::size_t first_place(std::uint64_t hash) noexcept {
    return static_cast<std::size_t>(hash % (size / ways)) * ways;
  }

  std::array<place, size> places_{};
};

}  // namespace millimetric
