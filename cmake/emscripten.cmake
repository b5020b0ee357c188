# Finds the toolchain file of whatever Emscripten is on PATH.
find_program(emcc_path emcc REQUIRED)
execute_process(COMMAND em-config EMSCRIPTEN_ROOT OUTPUT_VARIABLE emscripten_root
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT emscripten_root)
  file(REAL_PATH "${emcc_path}" emcc_real)
  get_filename_component(emscripten_root "${emcc_real}" DIRECTORY)
endif()
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
