#include "elf_section.hpp"

#include <elf.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace skep::detail {
namespace {

constexpr std::size_t names_bytes_max = 1u << 20;  // of all sections together

Error broken(const char* what) {
  return {errc::bad_record, std::string("it is no whole ELF file: ") + what};
}

/// Whether all of it could be read.
bool read_at(int descriptor, std::uint64_t offset, void* to, std::size_t size) {
  constexpr auto offset_max = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    if (offset > offset_max - size) return false;
    const auto count = ::pread(descriptor, at, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool is_ours(const Elf64_Ehdr& header) {
  constexpr auto order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == order && header.e_shentsize == sizeof(Elf64_Shdr);
}

Result<std::string> read_section(int descriptor, const Elf64_Shdr& section, std::size_t bytes_max) {
  if (section.sh_size > bytes_max) {
    return Error{errc::too_large, "a section of it has more than " + std::to_string(bytes_max) + " bytes"};
  }
  std::string bytes(section.sh_size, '\0');
  if (!read_at(descriptor, section.sh_offset, bytes.data(), bytes.size())) return broken("a section is cut off");
  return bytes;
}

Result<std::vector<Elf64_Shdr>> read_sections(int descriptor, const Elf64_Ehdr& header) {
  if (header.e_shnum == 0) return broken("it has no sections");
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  if (read_at(descriptor, header.e_shoff, sections.data(), sections.size() * sizeof(Elf64_Shdr))) return sections;
  return broken("its sections are cut off");
}

}  // namespace

Result<std::string> read_elf_section(int descriptor, std::string_view name, std::size_t bytes_max) {
  Elf64_Ehdr header{};
  if (!read_at(descriptor, 0, &header, sizeof header) || !is_ours(header)) return broken("its first bytes are none");
  const auto sections = read_sections(descriptor, header);
  if (!sections) return sections.error();
  if (header.e_shstrndx >= sections->size()) return broken("its sections have no names");
  const auto names = read_section(descriptor, (*sections)[header.e_shstrndx], names_bytes_max);
  if (!names) return names.error();
  for (const auto& section : *sections) {
    if (section.sh_name >= names->size() || section.sh_type == SHT_NOBITS) continue;
    const auto rest = std::string_view(*names).substr(section.sh_name);
    if (rest.substr(0, rest.find('\0')) == name) return read_section(descriptor, section, bytes_max);
  }
  return Error{errc::not_found, "it has no section '" + std::string(name) + "'"};
}

}  // namespace skep::detail
