# Build rules of the project: one call per layer, plug-in, test suite and bench.

# One library folder on every Debian, so that ../lib and ../lib/skep, seen from the program, hold wherever it is installed.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Where libraries are installed, under the prefix")
include(GNUInstallDirs)
include("${CMAKE_CURRENT_LIST_DIR}/SkepPlugin.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SkepPackage.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SkepUnite.cmake")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Assertions stay on in release builds: an invariant that is not checked where it matters is a comment.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(SKEP_PLUGIN_DIRECTORY "${PROJECT_BINARY_DIR}/lib/skep")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

# What most sources of the layers with actors include, directly or not. With more than that, loading it costs those that
# need little more than it saves the others.
set(SKEP_COMMON_HEADERS <caf/actor.hpp> <caf/allowed_unsafe_message_type.hpp> <chrono> <functional> <map> <memory>
    <optional> <string> <variant> <vector>)

find_program(SKEP_CCACHE ccache)
if(SKEP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SKEP_CCACHE}")
endif()

add_library(skep_flags INTERFACE)
target_compile_options(skep_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                       -fno-plt -fno-semantic-interposition -fstack-protector-strong)
target_link_options(skep_flags INTERFACE -Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SKEP_SANITIZE)
  target_compile_definitions(skep_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  # gcc's default fills structures of a cache line or more with `rep stos`, which takes longer to start than to run.
  target_compile_options(skep_flags INTERFACE -mmemset-strategy=unrolled_loop:512:noalign,libcall:-1:noalign)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With a large precompiled header loaded gcc looks through it all for what may go, again and again: a sixth of its time,
  # to save a sixth of its memory (740 MiB at most for a test, 630 with it).
  target_compile_options(skep_flags INTERFACE --param=ggc-min-heapsize=1000000)
endif()
if(SKEP_SANITIZE)
  # Without vptr, which takes three tenths of the compiler's time: docs/decisions/0021.
  add_compile_options(-fsanitize=${SKEP_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SKEP_SANITIZE})
endif()

# skep_add_layer(<name> [DEPENDS <public targets>...] [PRIVATE <targets>...] [PCH <headers>...])
#
# Builds the shared library skep_<name> from src/*.cpp and src/net, src/model and the like (but not
# src/**/engines, which are plug-ins, nor src/testing, which is apart), with the layer's public headers
# under include/.
function(skep_add_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE;PCH;EXTRA_SOURCES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/engines/|/src/testing/")
  add_library(skep_${name} SHARED ${sources} ${ARG_EXTRA_SOURCES})
  add_library(skep::${name} ALIAS skep_${name})
  target_include_directories(skep_${name}
    PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
    PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  target_link_libraries(skep_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE} skep_flags)
  skep_install_library(${name} HEADERS "${CMAKE_CURRENT_SOURCE_DIR}/include/")
  if(ARG_PCH)
    target_precompile_headers(skep_${name} PRIVATE ${ARG_PCH})
  endif()
  if(SKEP_SANITIZE)
    skep_unite_library(skep_${name})
  endif()
endfunction()

# skep_add_tests(<suite> LABEL <label> SOURCES <files>... [LIBRARIES <targets>...] [INCLUDES <dirs>...]
#                [TIMEOUT <seconds>] [HEAVY])
#
# HEAVY tests compute: their own code is optimized as the libraries are.
function(skep_add_tests suite)
  cmake_parse_arguments(ARG "HEAVY" "LABEL;TIMEOUT" "SOURCES;LIBRARIES;INCLUDES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${suite}_tests ${ARG_SOURCES})
  target_link_libraries(${suite}_tests PRIVATE ${ARG_LIBRARIES} skep_flags GTest::gmock GTest::gtest_main)
  target_include_directories(${suite}_tests PRIVATE "${PROJECT_SOURCE_DIR}/tests" ${ARG_INCLUDES})
  if(NOT ARG_HEAVY)
    skep_compile_quickly(${suite}_tests)
  endif()
  set(precompiled <gmock/gmock.h> <gtest/gtest.h> <chrono> <optional> <string> <vector>)
  if("skep::actors" IN_LIST ARG_LIBRARIES OR "skep::testing" IN_LIST ARG_LIBRARIES)
    list(APPEND precompiled ${SKEP_COMMON_HEADERS})
  endif()
  if(rapidcheck IN_LIST ARG_LIBRARIES)
    list(APPEND precompiled <rapidcheck.h>)
  endif()
  target_precompile_headers(${suite}_tests PRIVATE ${precompiled})
  if(NOT ARG_HEAVY)
    skep_unite_tests(${suite}_tests)
  endif()
  skep_register_tests(${suite}_tests ${ARG_LABEL} ${ARG_TIMEOUT})
endfunction()

# skep_compile_quickly(<target>): for the code of tests, most of which runs once, and which is two thirds of all there
# is to compile. The libraries that it tests are compiled as ever. Of undefined behaviour in the tests themselves it
# leaves out what the address sanitizer stops at anyway, and alignment. So with skep_testing_objects, if sanitized.
function(skep_compile_quickly target)
  if(SKEP_SANITIZE)
    target_compile_options(${target} PRIVATE -O0 -fno-sanitize=null,alignment,object-size)
  else()
    target_compile_options(${target} PRIVATE -Og)
  endif()
endfunction()

# skep_compile_by_gcc(<target>): in a tree of clang's, whose sanitizers are ABI compatible with gcc's. For what includes
# LibTorch 1.13: it has vectors of an incomplete type, which clang 14 refuses in C++20.
function(skep_compile_by_gcc target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/by-gcc.sh")
    string(REGEX MATCH "^[0-9]+" major "${CMAKE_CXX_COMPILER_VERSION}")
    target_compile_definitions(${target} PRIVATE "SKEP_ABI_COMPILER=\"clang ${major}\"")
  endif()
endfunction()

# skep_register_tests(<target> <label> <seconds>): one entry of ctest for each test. Under a sanitizer, where a process
# takes longer to start than most tests to run, one for each eighth of them.
function(skep_register_tests target label seconds)
  if(NOT SKEP_SANITIZE)
    gtest_discover_tests(${target} NO_PRETTY_VALUES PROPERTIES LABELS ${label} TIMEOUT ${seconds} DISCOVERY_TIMEOUT 60)
    return()
  endif()
  foreach(shard RANGE 0 7)
    add_test(NAME ${target}.${shard} COMMAND ${target} --gtest_brief=1)
    set_tests_properties(${target}.${shard} PROPERTIES LABELS ${label} TIMEOUT 900
      ENVIRONMENT "GTEST_TOTAL_SHARDS=8;GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()
