#pragma once
// Makes an allocation of the core fail as it does in the module, where it traps: what was under way
// ends there, nothing is destroyed, and the instance is never used again. Works in builds with
// AddressSanitizer, whose hooks see every allocation.

#include <csetjmp>
#include <cstdint>

namespace millimetric::native {

// Whether this build can do it.
[[nodiscard]] bool allocations_can_fail() noexcept;

class failing_allocations {
 public:
  // The n-th allocation from now on fails, from 1; 0: none does.
  void fail_at(std::uint64_t n) noexcept { left_ = n; }
  // Whether the one that was to fail has.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  // Runs some of the core's code, in which allocations count. False when it ended at the one that
  // fails: whatever it has worked on must be leaked then.
  template <class Run>
  [[nodiscard]] bool survives(Run run) {
    if (left_ == 0) {
      run();
      return true;
    }
    if (setjmp(trap()) != 0) return false;
    begin();
    run();
    end();
    return true;
  }

 private:
  static std::jmp_buf& trap() noexcept;
  void begin() noexcept;
  void end() noexcept;
  static void allocated(const volatile void* at, std::size_t size);

  std::uint64_t left_ = 0;
  bool failed_ = false;
};

// While it lives, what is allocated may be leaked.
class leaks_allowed {
 public:
  leaks_allowed() noexcept;
  leaks_allowed(const leaks_allowed&) = delete;
  leaks_allowed& operator=(const leaks_allowed&) = delete;
  ~leaks_allowed();
};

}  // namespace millimetric::native
