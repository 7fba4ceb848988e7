# What is installed, and Debian packages of it:
#
#   libskep<version>     the shared libraries
#   libskep-dev          headers, schemas, CMake files and the library for tests: what bees are written with
#   skep                 the program
#   skep-engine-torch    the LibTorch engine, apart because of what it brings along (160 MB)
#
# `cmake --install build/release --prefix DIR` and `cd build/release && cpack` give the same files.

# Until 1.0 each minor version may break what was built for the one before (SemVer 2.0.0, paragraph 4).
set(SKEP_SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
set(SKEP_CMAKE_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/cmake/skep")

# skep_install_library(<name> [HEADERS <folder>/] [COMPONENT <component>]): skep_<name>, as skep::<name> of the package.
function(skep_install_library name)
  cmake_parse_arguments(ARG "" "HEADERS;COMPONENT" "" ${ARGN})
  if(NOT ARG_COMPONENT)
    set(ARG_COMPONENT libraries)
  endif()
  set_target_properties(skep_${name} PROPERTIES
    EXPORT_NAME ${name} VERSION "${PROJECT_VERSION}" SOVERSION "${SKEP_SOVERSION}")
  target_include_directories(skep_${name} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(skep_${name} PUBLIC cxx_std_20)
  install(TARGETS skep_${name} EXPORT skep
    LIBRARY COMPONENT ${ARG_COMPONENT} NAMELINK_COMPONENT development)
  if(ARG_HEADERS)
    install(DIRECTORY "${ARG_HEADERS}" TYPE INCLUDE COMPONENT development FILES_MATCHING PATTERN "*.hpp")
  endif()
endfunction()

# skep_package(): to be called last, when every target is there.
function(skep_package)
  include(CMakePackageConfigHelpers)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/skepConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/cmake/skepConfig.cmake" INSTALL_DESTINATION "${SKEP_CMAKE_DIRECTORY}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/skepConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/cmake/skepConfig.cmake" "${PROJECT_BINARY_DIR}/cmake/skepConfigVersion.cmake"
    cmake/FindCAF.cmake cmake/SkepPlugin.cmake DESTINATION "${SKEP_CMAKE_DIRECTORY}" COMPONENT development)
  install(EXPORT skep NAMESPACE skep:: FILE skepTargets.cmake DESTINATION "${SKEP_CMAKE_DIRECTORY}"
    COMPONENT development)
  install(DIRECTORY serialization/schema/ DESTINATION "${CMAKE_INSTALL_DATADIR}/skep/schema" COMPONENT development
    FILES_MATCHING PATTERN "*.capnp")
  install(TARGETS skep EXPORT skep RUNTIME COMPONENT program)
  if(TARGET torch_engine_plugin)
    install(TARGETS torch_engine_plugin LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/skep" COMPONENT engine)
  endif()
  foreach(component libraries development program engine)
    install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${SKEP_PACKAGE_${component}}"
      RENAME copyright COMPONENT ${component})
  endforeach()
endfunction()

# ---- Debian packages ------------------------------------------------------------------------------------------------

set(SKEP_PACKAGE_libraries "libskep${SKEP_SOVERSION}")
set(SKEP_PACKAGE_development libskep-dev)
set(SKEP_PACKAGE_program skep)
set(SKEP_PACKAGE_engine skep-engine-torch)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME skep)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "The Skep project")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time inference with actors")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL libraries development program)
if(SKEP_WITH_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL engine)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
# dpkg-shlibdeps names what the libraries need; it looks for those of the other components in this build.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
set(CPACK_DEBIAN_LIBRARIES_PACKAGE_GENERATE_SHLIBS ON)  # and so that ldconfig runs

# skep_debian(<component> <section> <summary> <own packages it depends on>)
macro(skep_debian component section summary depends)
  string(TOUPPER "${component}" upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME "${SKEP_PACKAGE_${component}}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION "${section}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}")
endmacro()

set(skep_same_version "${SKEP_PACKAGE_libraries} (= ${PROJECT_VERSION})")
skep_debian(libraries libs "libraries for programs that run Skep" "")
# What the headers include, what find_package(skep) finds, and what a project of `skep new` is built and tested with.
skep_debian(development libdevel "headers to write bees for Skep, to test them, and to embed a node"
  "${skep_same_version}, skep (= ${PROJECT_VERSION}), g++, make, cmake, pkg-config, libcaf-dev, libcapnp-dev, capnproto, libssl-dev, zlib1g-dev, libgtest-dev")
skep_debian(program net "runs swarms of bees" "${skep_same_version}")
skep_debian(engine net "runs TorchScript models in skep" "${skep_same_version}, libopenblas0-pthread")
