# Finds the core library of prometheus-cpp. Debian's own configuration would also look for the web server and the HTTP
# client of its other parts, which are not used here. Defines prometheus::core.

find_path(PROMETHEUS_INCLUDE_DIR prometheus/text_serializer.h)
find_library(PROMETHEUS_CORE_LIBRARY prometheus-cpp-core)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Prometheus REQUIRED_VARS PROMETHEUS_CORE_LIBRARY PROMETHEUS_INCLUDE_DIR)

if(PROMETHEUS_FOUND AND NOT TARGET prometheus::core)
  add_library(prometheus::core SHARED IMPORTED)
  set_target_properties(prometheus::core PROPERTIES
    IMPORTED_LOCATION "${PROMETHEUS_CORE_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${PROMETHEUS_INCLUDE_DIR}")
endif()
