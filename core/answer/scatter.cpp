#include "answer/scatter.h"

namespace millimetric::answer {

error storage_failed(const error& cause) {
  // What the question caused is the caller's to mend; everything else is ours.
  if (cause.code == error_code::invalid_params) return cause;
  // What the store says of damage of its own, trying again does not mend.
  if (cause.code == error_code::tool_failed) return cause;
  return {error_code::tool_failed, "Storage did not answer; nothing was lost. Try again."};
}

}  // namespace millimetric::answer
