#include "native/files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace millimetric::native {
namespace {

std::filesystem::path in_working_copy(const std::filesystem::path& path) {
  return std::filesystem::path(MILLIMETRIC_SOURCE_DIR) / path;
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(in_working_copy(path), std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            std::string_view extension) {
  std::vector<std::filesystem::path> out;
  const std::filesystem::path whole = in_working_copy(folder);
  if (!std::filesystem::is_directory(whole)) return out;
  for (const auto& entry : std::filesystem::directory_iterator(whole))
    if (entry.path().extension() == extension) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace millimetric::native
