#pragma once
// Forgetting as the gateway does it: a store takes steps until there is no more.

#include <string>

#include "native/native_host.h"

namespace millimetric::native {

// @return the last step's answer, which counts all of them, or the first error.
inline result<store::forget_answer> forget(native_host& host, const std::string& project,
                                           store::forget_request whom) {
  for (;;) {
    auto step = host.ask<store::forget_answer>(project, store::operation::forget, whom);
    if (!step || !step->more) return step;
    whom.deleted_before = step->deleted;
  }
}

}  // namespace millimetric::native
