#pragma once
// The exported ABI: converts and forwards, nothing else. Pointers and lengths are bytes of the
// module's memory. A host copies what it reads before its next call.

#include <cstdint>

extern "C" {

// What mm_output points to. The bytes live until the next call about the same request.
struct mm_output_record {
  std::uint32_t done;  // 1: bytes are the response; 0: bytes are effects to carry out
  std::uint32_t bytes;
  std::uint32_t length;
};

// A buffer for the host to fill; the call that takes the buffer frees it. Never null: a module out
// of memory traps.
std::uint8_t* mm_alloc(std::uint32_t length);

// Opens this instance's engine (api/engine.h); takes the buffer. 1 on success, once.
std::uint32_t mm_open(std::uint32_t kind, std::uint8_t* configuration, std::uint32_t length);

// Begins a call; takes the buffer. Gives the request's number, never 0.
std::uint32_t mm_begin(std::uint32_t call, std::uint8_t* frame, std::uint32_t length);

// What the request wants or has answered. Effects are given once.
const mm_output_record* mm_output(std::uint32_t request);

// Answers one effect; takes the buffer. 1 when the effect was open and the answer readable.
std::uint32_t mm_resume(std::uint32_t request, std::uint32_t effect, std::uint8_t* answer,
                        std::uint32_t length);

// Forgets the request, also in mid-flight.
void mm_release(std::uint32_t request);

// Most bytes of a request body that are to be handed over.
std::uint32_t mm_body_limit(void);
}
