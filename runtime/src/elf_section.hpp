#pragma once
// Reads one section of an ELF file without loading it. Everything in the file may be wrong.

#include <cstddef>
#include <string>
#include <string_view>

#include "skep/serialization/result.hpp"

namespace skep::detail {

/// Errors: `errc::not_found` without such a section, `errc::too_large` past `bytes_max`, `errc::bad_record` for a file
/// that is no 64-bit ELF file of this machine's byte order, or that ends before what its headers speak of.
[[nodiscard]] Result<std::string> read_elf_section(int descriptor, std::string_view name, std::size_t bytes_max);

}  // namespace skep::detail
