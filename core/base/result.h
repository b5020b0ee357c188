#pragma once
// result<T>: a value or an error. The core never throws.

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "base/error.h"

namespace millimetric {

template <class T>
using result = tl::expected<T, error>;

[[nodiscard]] inline tl::unexpected<error> fail(error_code code, std::string message,
                                                std::string details = {}) {
  return tl::unexpected<error>(error{code, std::move(message), std::move(details)});
}

[[nodiscard]] inline tl::unexpected<error> fail(error e) {
  return tl::unexpected<error>(std::move(e));
}

}  // namespace millimetric
