// Reads every event that comes in: compiled for speed, by a reader of its own, of which there is no
// smaller copy elsewhere that the linker might take instead.

#include <algorithm>
#include <cstring>

#include "store/protocol.h"

namespace millimetric::store {
namespace {

// As `decoder`, of views only.
class view_reader {
 public:
  explicit view_reader(std::string_view in) noexcept : at_(in.data()), end_(at_ + in.size()) {}

  template <class... T>
  void operator()(T&... items) {
    (get(items), ...);
  }
  [[nodiscard]] bool finished() const noexcept { return ok_ && at_ == end_; }

 private:
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <class T>
  [[gnu::always_inline]] void number(T& v) {
    if (left() < sizeof v) return fail();
    std::memcpy(&v, at_, sizeof v);
    at_ += sizeof v;
  }
  void fail() noexcept {
    ok_ = false;
    at_ = end_;
  }

  void get(millis& v) { number(v); }
  void get(bucket& v) { number(v); }
  void get(bool& v) {
    std::uint8_t flag = 0;
    number(flag);
    v = flag != 0;
  }
  void get(std::string_view& v) {
    std::uint32_t size = 0;
    number(size);
    if (left() < size) return fail();
    v = {at_, size};
    at_ += size;
  }
  void get(std::optional<std::string_view>& v) {
    bool is_there = false;
    get(is_there);
    if (is_there) get(v.emplace());
  }
  void get(std::vector<event::record_view>& v) {
    std::uint32_t count = 0;
    number(count);
    v.reserve(std::min<std::size_t>(count, left() / sizeof(event::record_view) + 1));
    for (std::uint32_t i = 0; i < count && ok_; ++i) v.emplace_back().fields(*this);
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace

std::optional<append_request_view> read_append_request(std::string_view record) {
  append_request_view out;
  view_reader reader(record);
  out.fields(reader);
  return reader.finished() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace millimetric::store
