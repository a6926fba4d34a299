# Finds what the library needs (an error when absent) and what it can use (a definition
# UP_HAVE_<NAME> when present). UPHILL_LIBRARIES and UPHILL_HAVE collect the two.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(INIH REQUIRED IMPORTED_TARGET inih)

set(UPHILL_LIBRARIES Threads::Threads PkgConfig::CJSON PkgConfig::INIH m)
set(UPHILL_HAVE "")

include(${CMAKE_CURRENT_LIST_DIR}/uphill-found.cmake)

macro(uphill_optional name module)
  pkg_check_modules(${name} IMPORTED_TARGET ${module})
  if(${name}_FOUND)
    list(APPEND UPHILL_LIBRARIES PkgConfig::${name})
    list(APPEND UPHILL_HAVE UP_HAVE_${name})
    list(APPEND UPHILL_MODULES ${name}=${module}) # for those who link with the static library
  endif()
endmacro()

uphill_optional(CAIRO cairo)
uphill_optional(SQLITE sqlite3)
uphill_optional(LIBZIP libzip)

find_program(PROTOC_C protoc-c)
if(PROTOC_C)
  uphill_optional(PROTOBUF_C libprotobuf-c)
endif()

# Libraries without a pkg-config file that helps: UPHILL_PLAIN lists those that were found, and
# UPHILL_PLAIN_CALLS how those who link with ours find them again.
set(UPHILL_PLAIN "")
set(UPHILL_PLAIN_CALLS "")
macro(uphill_plain name library header)
  uphill_find(${name} ${library} ${header} ${ARGN})
  if(TARGET uphill_found_${name})
    list(APPEND UPHILL_LIBRARIES uphill_found_${name})
    list(APPEND UPHILL_HAVE UP_HAVE_${name})
    list(APPEND UPHILL_PLAIN ${name})
    string(JOIN "|" call ${name} ${library} ${header} ${ARGN})
    list(APPEND UPHILL_PLAIN_CALLS "${call}")
  endif()
endmacro()

uphill_plain(GIF gif gif_lib.h)
if(UPHILL_ONEDNN)
  # Its own package file asks for OpenCL's headers, which nothing here uses. It runs on GCC's OpenMP
  # runtime, with either compiler; the kernels only tell that to stay on the calling thread.
  uphill_plain(ONEDNN dnnl oneapi/dnnl/dnnl.h gomp)
endif()
if(NOT "ONEDNN" IN_LIST UPHILL_PLAIN)
  message(STATUS "uphill: without oneDNN; the library's own kernels multiply large matrices, too")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/MuJoCo.cmake)
