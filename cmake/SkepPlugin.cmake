# How a plug-in is built, in this tree and, by `find_package(skep)`, in any other.

# skep_add_plugin(<name> SOURCES <files>... [LIBRARIES <targets>...] [NO_MANIFEST])
#
# Builds <name>.so: a module that `skep` loads by name. It lies in SKEP_PLUGIN_DIRECTORY, or in plugins/ of the build
# tree; the target is <name>_plugin. Hidden visibility and no unique symbols, or a second version loaded beside the first
# would silently use the first one's statics. Its manifest, what it has for swarm files, is put into the file, so that
# lint knows it without running it; NO_MANIFEST is for what has no bees, such as an engine.
function(skep_add_plugin name)
  cmake_parse_arguments(ARG "NO_MANIFEST" "" "SOURCES;LIBRARIES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "skep_add_plugin(${name} ...): it takes SOURCES <files>... and LIBRARIES <targets>..., "
                        "not '${ARG_UNPARSED_ARGUMENTS}'")
  endif()
  if(TARGET ${name}_plugin)
    message(FATAL_ERROR "skep_add_plugin(${name} ...): there is a plug-in of this name already; choose another")
  endif()
  set(directory "${PROJECT_BINARY_DIR}/plugins")
  if(SKEP_PLUGIN_DIRECTORY)
    set(directory "${SKEP_PLUGIN_DIRECTORY}")
  endif()
  add_library(${name}_plugin MODULE ${ARG_SOURCES})
  target_link_libraries(${name}_plugin PRIVATE skep::gateways ${ARG_LIBRARIES} $<TARGET_NAME_IF_EXISTS:skep_flags>)
  set_target_properties(${name}_plugin PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}" LIBRARY_OUTPUT_DIRECTORY "${directory}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON INSTALL_RPATH "$ORIGIN/..")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name}_plugin PRIVATE -fno-gnu-unique)
  endif()
  if(NOT ARG_NO_MANIFEST AND NOT SKEP_BUILD_FUZZ)  # that build is of decoders, and runs no program
    set(manifest "${CMAKE_CURRENT_BINARY_DIR}/${name}.manifest.json")
    add_custom_command(TARGET ${name}_plugin POST_BUILD
      COMMAND skep::skep manifest "$<TARGET_FILE:${name}_plugin>" > "${manifest}"
      COMMAND "${CMAKE_OBJCOPY}" --add-section ".skep.manifest=${manifest}" "$<TARGET_FILE:${name}_plugin>"
      VERBATIM)
  endif()
endfunction()
