#pragma once
// Files of the working copy that tests read.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::native {

// The text of a file; throws when it cannot be read. Relative paths start at the working copy.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
// The files of a folder with this extension, by name; none when there is no such folder.
[[nodiscard]] std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                                          std::string_view extension);

}  // namespace millimetric::native
