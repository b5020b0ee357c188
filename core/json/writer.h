#pragma once
// The one writer of JSON. Appends compact JSON to a string; commas are its business. Characters
// that nobody sees are escaped (controls, bidirectional controls, separators of lines, zero widths,
// variation selectors, tags), so that tracked text can neither break a terminal, nor imitate
// another direction of reading, nor tell a model what people do not see. Everything else of valid
// UTF-8 is kept as it is; to a parser the text is the same.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millimetric::json {

// Characters that nobody sees but machines act upon, such as zero-width joiners and bidirectional
// controls, in strings: an answer has them escaped, and a text to be kept or measured as they are.
enum class hidden_text : std::uint8_t { escaped, kept };

class writer {
 public:
  explicit writer(std::string& out, hidden_text hidden = hidden_text::escaped) noexcept
      : out_(out), hidden_(hidden) {}

  writer& begin_object() { return open('{'); }
  writer& end_object() { return close('}'); }
  writer& begin_array() { return open('['); }
  writer& end_array() { return close(']'); }

  writer& key(std::string_view name);
  writer& string(std::string_view utf8);
  writer& integer(std::int64_t v);
  writer& unsigned_integer(std::uint64_t v);
  // Shortest text that reads back as the same double; whole values up to 2^53 without a fraction.
  // NaN and infinities become null.
  writer& number(double v);
  writer& boolean(bool v);
  writer& null();
  // Text that is JSON already.
  writer& raw(std::string_view json);
  // Likewise, but from a store, where hidden characters are as they were sent: they are escaped.
  writer& stored(std::string_view json);

  writer& optional_string(const std::optional<std::string>& v) { return v ? string(*v) : null(); }

 private:
  writer& open(char c);
  writer& close(char c);
  void quote(std::string_view utf8, std::string_view end);
  void separate();

  std::string& out_;
  hidden_text hidden_;
  bool need_comma_ = false;
};

// The text as a JSON string, with quotes.
[[nodiscard]] std::string quoted(std::string_view utf8);

}  // namespace millimetric::json
