#pragma once
// The mark of a loop over rows, which is a function of its own: engines compile a small function
// well, and soon, but interpret a large one until it returns (docs/decisions/023-segments.md).

#define MM_ROW_LOOP [[gnu::noinline]]
