#pragma once
// The mark of a loop over rows, or over the ids of a request, which is a function of its own:
// engines compile a small function well, and soon, but interpret a large one until it returns
// (docs/decisions/023-segments.md). Without it the linker, which sees all files, would inline it.

#define MM_ROW_LOOP [[gnu::noinline]]
