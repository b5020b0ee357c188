#pragma once
// Text that is made while a request is read and lives as long as its reading: many small texts in a
// few large blocks, which are freed together.

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace millimetric {

// Views into an arena are valid until it is destroyed; moving it keeps them valid.
class text_arena {
 public:
  // A copy of the text.
  std::string_view keep(std::string_view s) {
    if (s.empty()) return {};
    char* const at = room(s.size());
    copy_short(at, s);
    return {at, s.size()};
  }

  // The texts one after the other, as one.
  std::string_view join(std::string_view a, std::string_view b, std::string_view c) {
    const std::size_t size = a.size() + b.size() + c.size();
    if (size == 0) return {};
    char* const at = room(size);
    char* end = at;
    for (const std::string_view part : {a, b, c}) {
      copy_short(end, part);
      end += part.size();
    }
    return {at, size};
  }

  // `size` bytes to be written by the caller; more than none.
  char* room(std::size_t size) {
    if (size > left_) return more(size);
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }

 private:
  // An event's made texts take some 200 bytes; a single one must not cost much more than that.
  static constexpr std::size_t block_bytes = 4096;

  char* more(std::size_t size) {
    // Large texts get a block of their own, so that at most a quarter of any block is lost.
    const bool alone = size > block_bytes / 4;
    blocks_.emplace_back(new char[alone ? size : block_bytes]);
    char* const block = blocks_.back().get();
    if (alone) return block;
    next_ = block + size;
    left_ = block_bytes - size;
    return block;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace millimetric
