# The files of cli/project, which `skep new` writes out, as C++.

# skep_embed_project(<variable> <output name>=<file>...): a source that defines skep::cli::project_files().
function(skep_embed_project variable)
  set(entries "")
  foreach(pair ${ARGN})
    string(REPLACE "=" ";" pair "${pair}")
    list(GET pair 0 name)
    list(GET pair 1 file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    file(READ "${file}" text)
    string(APPEND entries "    {\"${name}\", R\"skep(${text})skep\"},\n")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/project_files.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY NEWLINE_STYLE UNIX CONTENT "// Made by SkepProject.cmake.
#include \"new_project.hpp\"

namespace skep::cli {

std::span<const ProjectFile> project_files() noexcept {
  static constexpr ProjectFile files[]{
@entries@  };
  return files;
}

}  // namespace skep::cli
")
  set(${variable} "${source}" PARENT_SCOPE)
endfunction()
