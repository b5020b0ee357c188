#pragma once
// Arguments of a read tool, from JSON, with the document that they live in.

#include <string>
#include <string_view>

#include "../catch.h"
#include "json/arguments.h"

namespace millimetric::query {

class reading {
 public:
  static constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z

  explicit reading(std::string_view text) : parser_(pool_.lease()) {
    const auto document = parser_.parse(text);
    REQUIRE(document);
    REQUIRE(json::as_object(*document, members_));
    in_.emplace(&members_, pool_);
  }

  json::arguments& in() { return *in_; }
  // The errors, as JSON; empty when there are none.
  std::string errors() { return in_->errors().empty() ? "" : in_->errors().details(); }
  // The first message about a field; empty when there is none.
  std::string first_error(std::string_view field) {
    const std::string details = in_->errors().details();
    json::parser_lease parser = pool_.lease();
    const auto document = parser.parse(details);
    REQUIRE(document);
    std::string_view message;
    const auto at = document->at_pointer("/fieldErrors/" + std::string(field) + "/0");
    return at.get(message) ? "" : std::string(message);
  }

 private:
  json::parser_pool pool_;
  json::parser_lease parser_;
  json::object members_;
  std::optional<json::arguments> in_;
};

}  // namespace millimetric::query
