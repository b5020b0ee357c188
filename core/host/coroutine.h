#pragma once
// <coroutine>, or where the library has none (libc++ 13 of older Emscripten) the same names on the
// compiler's builtins. Only what this project uses.

#if __has_include(<coroutine>)
#include <coroutine>
#else

#include <cstddef>

namespace std {

template <class R, class...>
struct coroutine_traits {
  using promise_type = typename R::promise_type;
};

template <class Promise = void>
struct coroutine_handle;

template <>
struct coroutine_handle<void> {
  constexpr coroutine_handle() noexcept = default;
  constexpr coroutine_handle(nullptr_t) noexcept {}
  [[nodiscard]] constexpr void* address() const noexcept { return frame_; }
  static constexpr coroutine_handle from_address(void* frame) noexcept {
    coroutine_handle h;
    h.frame_ = frame;
    return h;
  }
  constexpr explicit operator bool() const noexcept { return frame_ != nullptr; }
  [[nodiscard]] bool done() const noexcept { return __builtin_coro_done(frame_); }
  void resume() const { __builtin_coro_resume(frame_); }
  void destroy() const { __builtin_coro_destroy(frame_); }

 protected:
  void* frame_ = nullptr;
};

template <class Promise>
struct coroutine_handle : coroutine_handle<> {
  using coroutine_handle<>::coroutine_handle;
  static coroutine_handle from_promise(Promise& promise) noexcept {
    coroutine_handle h;
    h.frame_ = __builtin_coro_promise(&promise, alignof(Promise), true);
    return h;
  }
  static constexpr coroutine_handle from_address(void* frame) noexcept {
    coroutine_handle h;
    h.frame_ = frame;
    return h;
  }
  [[nodiscard]] Promise& promise() const noexcept {
    return *static_cast<Promise*>(__builtin_coro_promise(frame_, alignof(Promise), false));
  }
};

struct suspend_always {
  [[nodiscard, gnu::always_inline]] constexpr bool await_ready() const noexcept { return false; }
  constexpr void await_suspend(coroutine_handle<>) const noexcept {}
  constexpr void await_resume() const noexcept {}
};

}  // namespace std

#endif
