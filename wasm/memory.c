/* What touches memory more than anything else. The C library of older Emscripten was built without
   bulk memory and compares byte by byte: copying showed as a third of a request's time, comparing and
   searching as a thirtieth. The instructions for copying and filling leave the module's code, which
   takes longer than copying a short text does. */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t sixteen __attribute__((vector_size(16)));

static uint64_t read8(const unsigned char* at) {
  uint64_t word;
  __builtin_memcpy(&word, at, sizeof word);
  return word;
}

/* Moves `unit` bytes of each end, which overlap where there are fewer than twice as many. Both are
   read before either is written, so the areas may overlap too. */
#define MOVE_ENDS(type, to, from, n)                                   \
  do {                                                                 \
    type first, last;                                                  \
    __builtin_memcpy(&first, (from), sizeof(type));                    \
    __builtin_memcpy(&last, (from) + (n) - sizeof(type), sizeof(type)); \
    __builtin_memcpy((to), &first, sizeof(type));                      \
    __builtin_memcpy((to) + (n) - sizeof(type), &last, sizeof(type));  \
  } while (0)

void* memmove(void* to, const void* from, size_t n) {
  unsigned char* const t = to;
  const unsigned char* const f = from;
  if (n > 32) return __builtin_memmove(to, from, n);
  if (n >= 16) {
    MOVE_ENDS(sixteen, t, f, n);
  } else if (n >= 8) {
    MOVE_ENDS(uint64_t, t, f, n);
  } else if (n >= 4) {
    MOVE_ENDS(uint32_t, t, f, n);
  } else if (n >= 2) {
    MOVE_ENDS(uint16_t, t, f, n);
  } else if (n == 1) {
    *t = *f;
  }
  return to;
}

void* memcpy(void* restrict to, const void* restrict from, size_t n) { return memmove(to, from, n); }

void* memset(void* to, int byte, size_t n) { return __builtin_memset(to, byte, n); }

int memcmp(const void* left, const void* right, size_t n) {
  const unsigned char* l = left;
  const unsigned char* r = right;
  for (; n >= 8; n -= 8, l += 8, r += 8) {
    const uint64_t a = read8(l);
    const uint64_t b = read8(r);
    if (a != b) return __builtin_bswap64(a) < __builtin_bswap64(b) ? -1 : 1;
  }
  for (; n > 0; --n, ++l, ++r)
    if (*l != *r) return *l < *r ? -1 : 1;
  return 0;
}

/* A 1 in every byte. */
static const uint64_t low_bits = UINT64_MAX / UCHAR_MAX;

void* memchr(const void* in, int byte, size_t n) {
  const unsigned char* at = in;
  const unsigned char wanted = (unsigned char)byte;
  for (; n >= 8; n -= 8, at += 8) {
    const uint64_t differs = read8(at) ^ (low_bits * wanted);
    /* The lowest bit that is set is the top one of the lowest byte that is `wanted`. */
    const uint64_t found = (differs - low_bits) & ~differs & (low_bits << 7);
    if (found != 0) return (void*)(at + __builtin_ctzll(found) / CHAR_BIT);
  }
  for (; n > 0; --n, ++at)
    if (*at == wanted) return (void*)at;
  return NULL;
}
