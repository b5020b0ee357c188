#pragma once
// The shared cases of tests/data/cases, run through the native host. The same files run on the
// WebAssembly module in Node and on workerd; every byte must be the same.

#include <filesystem>
#include <string>
#include <vector>

#include "native/native_host.h"

namespace millimetric::native {

struct case_expectation {
  int status = 0;
  header_list headers;  // all but those that every answer has
  std::string body;
};

struct case_step {
  std::string name;
  millis at = 0;
  int times = 1;  // that the request is sent, every time for the same answer
  http_call request;
  case_expectation expect;
};

struct case_file {
  std::string name;
  std::filesystem::path control;  // SQL that seeds the control plane
  std::vector<case_step> steps;
};

// Throws when the file is not of the form that tests/data/README.md describes.
[[nodiscard]] case_file read_case_file(const std::filesystem::path& path);

// A host as the cases want it, seeded.
[[nodiscard]] std::unique_ptr<native_host> host_of_cases(const case_file& file);

// What differs from the expectation, for a person; empty when nothing does.
[[nodiscard]] std::string difference(const host::http_response& got,
                                     const case_expectation& expected);

}  // namespace millimetric::native
