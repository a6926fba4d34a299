# The programs. The command line sees the public headers and libuphill, nothing else of ours.

file(GLOB UPHILL_CLI_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cli/*.c
  ${CMAKE_SOURCE_DIR}/cli/*/*.c ${CMAKE_SOURCE_DIR}/experiments/*.c)
list(FILTER UPHILL_CLI_SOURCES EXCLUDE REGEX "/cli/template/")
if(UPHILL_CLI_SOURCES)
  add_executable(uphill_cli ${UPHILL_CLI_SOURCES})
  set_target_properties(uphill_cli PROPERTIES OUTPUT_NAME uphill)
  target_include_directories(uphill_cli PRIVATE cli .)
  # All of libuphill, and its public names shown: environments in shared objects find them there.
  target_link_libraries(uphill_cli PRIVATE uphill_flags
    "$<LINK_LIBRARY:WHOLE_ARCHIVE,uphill_static>" PkgConfig::CJSON)
  target_link_options(uphill_cli PRIVATE ${UPHILL_LINK_TIME}
    -Wl,--dynamic-list=${CMAKE_SOURCE_DIR}/cmake/plugin.map)
  file(GLOB UPHILL_TEMPLATE CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cli/template/*)
  uphill_embed(uphill_cli cli_template_ ${UPHILL_TEMPLATE})
  # SDL's headers; the library is loaded when a window is opened.
  pkg_check_modules(SDL2 sdl2)
  if(SDL2_FOUND)
    target_include_directories(uphill_cli SYSTEM PRIVATE ${SDL2_INCLUDE_DIRS})
    target_compile_definitions(uphill_cli PRIVATE UP_HAVE_SDL2)
  endif()
  # What `uphill new env` tells compilers.
  target_compile_definitions(uphill_cli PRIVATE
    UP_INSTALL_INCLUDE_DIR="${CMAKE_INSTALL_FULL_INCLUDEDIR}"
    UP_INSTALL_LIBRARY_DIR="${CMAKE_INSTALL_FULL_LIBDIR}")
  install(TARGETS uphill_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Benchmarks and tests are too many to wait for.
if(UPHILL_LINK_TIME)
  add_link_options(-fno-lto)
endif()

# bench/<name>.c becomes bench/bench_<name>; it may look inside the library.
if(UPHILL_BENCHES)
  file(GLOB UPHILL_BENCH_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c)
  foreach(file IN LISTS UPHILL_BENCH_FILES)
    cmake_path(GET file STEM stem)
    add_executable(bench_${stem} ${file})
    set_target_properties(bench_${stem} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    target_include_directories(bench_${stem} PRIVATE src)
    target_link_libraries(bench_${stem} PRIVATE uphill_flags uphill_static ${UPHILL_LIBRARIES})
  endforeach()
endif()
