#!/bin/sh
# A launcher of CMake's: compiles by gcc, with the same options, what clang was to compile.
shift
command -v ccache >/dev/null || exec g++ "$@"
exec ccache g++ "$@"
