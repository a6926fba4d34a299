# uphill_embed(<target> <file>...): compiles the files as texts into the target, as
# cmake/embedded.c.in lists them.
function(uphill_embed target)
  set(UPHILL_EMBEDDED "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file FILENAME name)
    file(READ ${file} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
    string(APPEND UPHILL_EMBEDDED "    {\"${name}\",\n     \"${text}\"},\n")
  endforeach()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embedded.c.in ${CMAKE_BINARY_DIR}/generated/${target}_embedded.c
    @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated/${target}_embedded.c)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cli)
endfunction()
