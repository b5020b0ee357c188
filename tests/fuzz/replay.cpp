// The main function of a fuzz target without libFuzzer: gives it every file that it is told of, and
// every file of a folder. So the targets are built and run wherever the tests are.

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

int replayed = 0;

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  // A buffer of the very size, so that AddressSanitizer sees what reads beyond it.
  const auto exact = std::make_unique<char[]>(bytes.size());
  std::memcpy(exact.get(), bytes.data(), bytes.size());
  std::cerr << file.string() << '\n';  // before: it is the last line when the target fails
  millimetric::fuzz::run({exact.get(), bytes.size()});
  ++replayed;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (fs::is_directory(argv[i])) {
      for (const auto& entry : fs::recursive_directory_iterator(argv[i]))
        if (entry.is_regular_file()) replay(entry.path());
    } else if (fs::exists(argv[i])) {
      replay(argv[i]);
    }
  }
  std::cerr << replayed << " inputs\n";
  return replayed == 0 ? 1 : 0;
}
