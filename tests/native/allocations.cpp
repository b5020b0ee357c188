#include "native/allocations.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MILLIMETRIC_ASAN
#endif
#endif

#ifdef MILLIMETRIC_ASAN
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>

// Of the 30 callers that are otherwise kept with each allocation few say anything, and keeping them
// takes time. ASAN_OPTIONS=malloc_context_size=30 has them all again.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "malloc_context_size=6";
}
#endif

namespace millimetric::native {
namespace {

std::jmp_buf at_trap;
failing_allocations* counting = nullptr;  // whose code runs

}  // namespace

std::jmp_buf& failing_allocations::trap() noexcept { return at_trap; }

void failing_allocations::end() noexcept { counting = nullptr; }

void failing_allocations::allocated(const volatile void*, std::size_t) {
  failing_allocations* const of = counting;
  if (of == nullptr || --of->left_ != 0) return;
  of->failed_ = true;
  of->end();
  std::longjmp(at_trap, 1);
}

#ifdef MILLIMETRIC_ASAN

bool allocations_can_fail() noexcept { return true; }

void failing_allocations::begin() noexcept {
  static const int hooks = __sanitizer_install_malloc_and_free_hooks(
      &failing_allocations::allocated, [](const volatile void*) {});
  static_cast<void>(hooks);
  failed_ = false;
  counting = this;
}

leaks_allowed::leaks_allowed() noexcept { __lsan_disable(); }
leaks_allowed::~leaks_allowed() { __lsan_enable(); }

#else

bool allocations_can_fail() noexcept { return false; }
void failing_allocations::begin() noexcept { static_cast<void>(&failing_allocations::allocated); }
leaks_allowed::leaks_allowed() noexcept = default;
leaks_allowed::~leaks_allowed() = default;

#endif

}  // namespace millimetric::native
