# How a plug-in is built, in this tree and, by `find_package(skep)`, in any other.

# skep_target_schemas(<target> <files>...)
#
# Compiles Cap'n Proto schemas into a target: its own sources, and those that link it, include schema/reading.capnp as
# "schema/reading.capnp.h". Schemas lie in the folder of the CMakeLists.txt that calls this, or below it. They may import
# each other, by paths from the importing file or, with a leading '/', from that folder; and those of Cap'n Proto
# ("/capnp/c++.capnp"). They declare structs and enums: a payload has no interfaces.
function(skep_target_schemas target)
  if(NOT ARGN)
    return()
  endif()
  find_program(SKEP_CAPNP capnp REQUIRED)
  find_program(SKEP_CAPNPC_CXX capnpc-c++ REQUIRED)
  set(root "${CMAKE_CURRENT_SOURCE_DIR}")
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${target}.schemas")
  set(schemas "")
  foreach(schema IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH schema BASE_DIRECTORY "${root}" NORMALIZE)
    list(APPEND schemas "${schema}")
  endforeach()
  foreach(schema IN LISTS schemas)
    _skep_check_schema(${target} "${schema}" "${root}" "${schemas}")
    cmake_path(RELATIVE_PATH schema BASE_DIRECTORY "${root}" OUTPUT_VARIABLE relative)
    set(output "${generated}/${relative}")
    # capnp warns of a PWD that is not where it runs, and is told none.
    add_custom_command(OUTPUT "${output}.c++" "${output}.h"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${generated}"
      COMMAND "${CMAKE_COMMAND}" -E env --unset=PWD "${SKEP_CAPNP}" compile "-o${SKEP_CAPNPC_CXX}:${generated}"
              "--src-prefix=${root}" "-I${root}" "${schema}"
      DEPENDS ${schemas} COMMENT "Compiling schema ${relative}" VERBATIM)
    target_sources(${target} PRIVATE "${output}.c++" "${output}.h")
  endforeach()
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${generated}>")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schemas})
endfunction()

# What would else be an error far from its cause.
function(_skep_check_schema target schema root schemas)
  set(where "skep_target_schemas(${target}): ${schema}")
  if(NOT EXISTS "${schema}")
    message(FATAL_ERROR "${where} does not exist")
  endif()
  cmake_path(IS_PREFIX root "${schema}" NORMALIZE inside)
  if(NOT inside)
    message(FATAL_ERROR "${where} does not lie below ${root}: its header would have no path of its own")
  endif()
  file(READ "${schema}" text)
  string(REGEX REPLACE "#[^\n]*" "" text "${text}")
  if(text MATCHES "(^|[\n{;} \t])interface[ \t\n]+[A-Z]")
    message(FATAL_ERROR "${where} declares an interface: payloads are of structs and enums")
  endif()
  string(REGEX MATCHALL "import[ \t\n]+\"[^\"]*\"" imports "${text}")
  cmake_path(GET schema PARENT_PATH folder)
  foreach(import IN LISTS imports)
    string(REGEX REPLACE ".*\"(.*)\"" "\\1" path "${import}")
    if(path MATCHES "^/capnp/")
      continue()
    elseif(path MATCHES "^/")
      set(imported "${root}${path}")
    else()
      set(imported "${folder}/${path}")
    endif()
    cmake_path(NORMAL_PATH imported)
    if(NOT EXISTS "${imported}")
      message(FATAL_ERROR "${where} imports \"${path}\", and there is no ${imported}")
    elseif(NOT imported IN_LIST schemas)
      message(FATAL_ERROR "${where} imports \"${path}\": list that in SCHEMAS too")
    endif()
  endforeach()
endfunction()

# skep_add_plugin(<name> SOURCES <files>... [SCHEMAS <files>...] [LIBRARIES <targets>...] [NO_MANIFEST])
#
# Builds <name>.so: a module that `skep` loads by name. It lies in SKEP_PLUGIN_DIRECTORY, or in plugins/ of the build
# tree; the target is <name>_plugin. Hidden visibility and no unique symbols, or a second version loaded beside the first
# would silently use the first one's statics. Its manifest, what it has for swarm files, is put into the file, so that
# lint knows it without running it; NO_MANIFEST is for what has no bees, such as an engine. SCHEMAS
# (see skep_target_schemas) are compiled into <name>_schemas, which tests link that use their types too.
function(skep_add_plugin name)
  cmake_parse_arguments(ARG "NO_MANIFEST" "" "SOURCES;SCHEMAS;LIBRARIES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "skep_add_plugin(${name} ...): it takes SOURCES <files>..., SCHEMAS <files>... and "
                        "LIBRARIES <targets>..., not '${ARG_UNPARSED_ARGUMENTS}'")
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
  if(ARG_SCHEMAS)
    add_library(${name}_schemas STATIC)
    target_link_libraries(${name}_schemas PUBLIC CapnProto::capnp)
    set_target_properties(${name}_schemas PROPERTIES
      POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_compile_features(${name}_schemas PUBLIC cxx_std_20)
    skep_target_schemas(${name}_schemas ${ARG_SCHEMAS})
    target_link_libraries(${name}_plugin PRIVATE ${name}_schemas)
  endif()
  set_target_properties(${name}_plugin PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}" LIBRARY_OUTPUT_DIRECTORY "${directory}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON INSTALL_RPATH "$ORIGIN/..")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name}_plugin PRIVATE -fno-gnu-unique)
  endif()
  if(NOT ARG_NO_MANIFEST)
    set(manifest "${CMAKE_CURRENT_BINARY_DIR}/${name}.manifest.json")
    add_custom_command(TARGET ${name}_plugin POST_BUILD
      COMMAND skep::skep manifest "$<TARGET_FILE:${name}_plugin>" > "${manifest}"
      COMMAND "${CMAKE_OBJCOPY}" --add-section ".skep.manifest=${manifest}" "$<TARGET_FILE:${name}_plugin>"
      VERBATIM)
  endif()
endfunction()
