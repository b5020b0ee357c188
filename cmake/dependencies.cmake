# Third-party code comes from pnpm's node_modules and from the distribution; nothing of it is
# copied into the tree.

set(simdjson_dir "${MILLIMETRIC_NODE_MODULES}/@nozbe/simdjson/src")
if(NOT EXISTS "${simdjson_dir}/simdjson.cpp")
  message(FATAL_ERROR "simdjson is not at ${simdjson_dir}. Run 'npx -y pnpm install' first.")
endif()
add_library(simdjson STATIC "${simdjson_dir}/simdjson.cpp")
target_include_directories(simdjson SYSTEM PUBLIC "${simdjson_dir}")
target_compile_definitions(simdjson PUBLIC SIMDJSON_EXCEPTIONS=0)
# Optimised and sanitized its kernels take longer to compile than to run.
target_compile_options(simdjson PRIVATE -w -fno-exceptions $<IF:$<CONFIG:Release>,-O2,-O0>)
if(EMSCRIPTEN)
  # simdjson has no kernel for WebAssembly, but its one for SSE4.2 compiles with Emscripten's SSE
  # headers and a few functions of ours: it reads a batch 2.5 times as fast as the portable one.
  target_include_directories(simdjson SYSTEM BEFORE PUBLIC "${CMAKE_SOURCE_DIR}/wasm/simdjson")
  target_compile_options(simdjson PUBLIC -msse4.2)
  target_compile_definitions(simdjson PUBLIC SIMDJSON_BUILTIN_IMPLEMENTATION=westmere
                                             SIMDJSON_IMPLEMENTATION_FALLBACK=0
                                             SIMDJSON_IMPLEMENTATION_WESTMERE=1)
endif()

set(lz4_dir "${MILLIMETRIC_NODE_MODULES}/lz4/deps/lz4/lib")
if(NOT EXISTS "${lz4_dir}/lz4.c")
  message(FATAL_ERROR "LZ4 is not at ${lz4_dir}. Run 'npx -y pnpm install' first.")
endif()
add_library(lz4 STATIC "${lz4_dir}/lz4.c")
target_include_directories(lz4 SYSTEM PUBLIC "${lz4_dir}")
target_compile_definitions(lz4 PRIVATE LZ4_HEAPMODE=1) # its 16 KB table off the module's small stack
target_compile_options(lz4 PRIVATE -w $<$<CONFIG:Release>:-O3>)
if(MILLIMETRIC_SANITIZE AND CMAKE_C_COMPILER_ID MATCHES "Clang")
  # Without a dictionary LZ4 adds 0 to its null pointer, which C leaves undefined and C++ does not.
  target_compile_options(lz4 PRIVATE -fno-sanitize=pointer-overflow)
endif()

# tl::expected and xxHash are header-only. Emscripten must not see the rest of the system's include
# folder, so the two get a folder of their own.
find_path(expected_dir tl/expected.hpp PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)
find_path(xxhash_dir xxhash.h PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)
if(NOT expected_dir OR NOT xxhash_dir)
  message(FATAL_ERROR "tl::expected and xxHash are missing: install libexpected-dev and "
                      "libxxhash-dev, or run 'npx -y pnpm setup:system'.")
endif()
set(header_dir "${CMAKE_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${header_dir}")
file(CREATE_LINK "${expected_dir}/tl" "${header_dir}/tl" SYMBOLIC)
file(CREATE_LINK "${xxhash_dir}/xxhash.h" "${header_dir}/xxhash.h" SYMBOLIC)
add_library(header_only INTERFACE)
target_include_directories(header_only SYSTEM INTERFACE "${header_dir}")

if(NOT EMSCRIPTEN)
  set(sqlite_dir "${MILLIMETRIC_NODE_MODULES}/better-sqlite3/deps/sqlite3")
  if(NOT EXISTS "${sqlite_dir}/sqlite3.c")
    message(FATAL_ERROR "SQLite is not at ${sqlite_dir}. Run 'npx -y pnpm install' first.")
  endif()
  add_library(sqlite STATIC "${sqlite_dir}/sqlite3.c")
  target_include_directories(sqlite SYSTEM PUBLIC "${sqlite_dir}")
  # It stands in for the hosts' and is not what is tested: sanitized it takes minutes to compile.
  target_compile_options(sqlite PRIVATE -w -fno-sanitize=all $<$<CONFIG:Debug>:-O1>)
  target_compile_definitions(sqlite PRIVATE SQLITE_THREADSAFE=0 SQLITE_DQS=0)
  find_package(OpenSSL REQUIRED)
endif()
