/* memcpy and its kin as single instructions. The C library of older Emscripten was built without
   bulk memory and copies in a loop, which showed as a third of a request's time. */

#include <stddef.h>

void* memcpy(void* restrict to, const void* restrict from, size_t n) {
  return __builtin_memcpy(to, from, n);
}
void* memmove(void* to, const void* from, size_t n) { return __builtin_memmove(to, from, n); }
void* memset(void* to, int byte, size_t n) { return __builtin_memset(to, byte, n); }
