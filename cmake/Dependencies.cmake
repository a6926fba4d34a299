# Finds what the library needs (an error when absent) and what it can use (a definition
# UP_HAVE_<NAME> when present). UPHILL_LIBRARIES and UPHILL_HAVE collect the two.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(INIH REQUIRED IMPORTED_TARGET inih)

# oneDNN's own package file asks for OpenCL's headers, which nothing here uses; so look for the
# library itself. It runs on GCC's OpenMP runtime, with either compiler; the kernels only tell that
# to stay on the calling thread.
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_path(DNNL_INCLUDE oneapi/dnnl/dnnl.h REQUIRED)
set(UPHILL_LIBRARIES Threads::Threads PkgConfig::CJSON PkgConfig::INIH dnnl gomp m)
set(UPHILL_HAVE "")

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

find_library(GIF_LIBRARY gif)
find_path(GIF_INCLUDE gif_lib.h)
if(GIF_LIBRARY AND GIF_INCLUDE)
  list(APPEND UPHILL_LIBRARIES gif)
  list(APPEND UPHILL_HAVE UP_HAVE_GIF)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/MuJoCo.cmake)
