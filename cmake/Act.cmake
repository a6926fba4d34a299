# libuphill-act: a policy that acts, of the library's own files, compiled once more: small, and with
# libc and libm alone. -DUPHILL_ACT_ONLY=ON builds nothing else, and needs nothing else.

set(UPHILL_ACT_SOURCES
  src/act/act.c
  src/core/arena.c src/core/clean.c src/core/file.c src/core/number.c src/core/obs.c src/core/option.c
  src/core/status.c src/core/thread.c
  src/dist/choose.c src/dist/mode.c
  src/env/space.c src/env/space_text.c
  src/io/crc.c src/io/header.c src/io/tensors.c src/io/tensors_read.c
  src/kernels/choose.c src/kernels/conv.c src/kernels/subnormal.c
  src/kernels/vector_avx2.c src/kernels/vector_avx512.c src/kernels/vector_128.c
  src/net/add.c src/net/conv.c src/net/dense.c src/net/embed.c src/net/gru.c src/net/input.c
  src/net/layer.c src/net/lstm.c src/net/recurrent.c src/net/net.c src/net/norm.c src/net/parse.c src/net/pool.c src/net/run.c
  src/net/shape.c
  src/policy/forward.c src/policy/observe.c src/policy/options.c src/policy/spec.c
  src/policy/tensors.c)
list(TRANSFORM UPHILL_ACT_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)

# Kernels alone may fuse multiply and add: their results are compared within a tolerance.
file(GLOB UPHILL_KERNELS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/kernels/*.c)
set_source_files_properties(${UPHILL_KERNELS} PROPERTIES COMPILE_OPTIONS "-ffp-contract=fast")

find_package(Threads REQUIRED) # in libc itself, where that is new
add_library(uphill_act_objects OBJECT ${UPHILL_ACT_SOURCES})
target_compile_definitions(uphill_act_objects PRIVATE UP_FORWARD_ONLY)
target_compile_options(uphill_act_objects PRIVATE -O2 -ffunction-sections -fdata-sections)
target_include_directories(uphill_act_objects PRIVATE include src)
# Forward passes leave some of the kernels' functions unused. For clang the last word counts, so this
# comes behind uphill_base's -Wall, as a target's own options would not.
add_library(uphill_act_forward INTERFACE)
target_compile_options(uphill_act_forward INTERFACE -Wno-unused-function)
target_link_libraries(uphill_act_objects PRIVATE uphill_base uphill_act_forward)

set(UPHILL_ACT_LIBRARIES uphill_act_static)
add_library(uphill_act_static STATIC $<TARGET_OBJECTS:uphill_act_objects>)
set_target_properties(uphill_act_static PROPERTIES OUTPUT_NAME uphill-act EXPORT_NAME act_static)
if(BUILD_SHARED_LIBS)
  list(APPEND UPHILL_ACT_LIBRARIES uphill_act_shared)
  add_library(uphill_act_shared SHARED $<TARGET_OBJECTS:uphill_act_objects>)
  set_target_properties(uphill_act_shared PROPERTIES OUTPUT_NAME uphill-act EXPORT_NAME act
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/act.map)
  target_link_options(uphill_act_shared PRIVATE -Wl,--gc-sections
    -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/act.map)
endif()
foreach(library IN LISTS UPHILL_ACT_LIBRARIES)
  target_include_directories(${library} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${library} PRIVATE Threads::Threads m)
endforeach()
add_library(uphill::act_static ALIAS uphill_act_static)
if(BUILD_SHARED_LIBS)
  add_library(uphill::act ALIAS uphill_act_shared)
else()
  add_library(uphill::act ALIAS uphill_act_static)
endif()

# Installed beside libuphill, or alone: find_package(uphill-act) gives uphill::act (shared where it
# was built) and uphill::act_static; pkg-config knows uphill-act.
include(${CMAKE_CURRENT_LIST_DIR}/Relative.cmake)
include(CMakePackageConfigHelpers)
set(UPHILL_ACT_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/uphill-act)
install(TARGETS ${UPHILL_ACT_LIBRARIES} EXPORT uphill-act
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT uphill-act NAMESPACE uphill:: FILE uphill-act-targets.cmake
  DESTINATION ${UPHILL_ACT_DIR})
install(FILES include/uphill/act.h include/uphill/status.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/uphill)
configure_package_config_file(cmake/uphill-act-config.cmake.in uphill-act-config.cmake
  INSTALL_DESTINATION ${UPHILL_ACT_DIR})
write_basic_package_version_file(uphill-act-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/uphill-act-config.cmake
  ${CMAKE_BINARY_DIR}/uphill-act-config-version.cmake DESTINATION ${UPHILL_ACT_DIR})
configure_file(cmake/uphill-act.pc.in uphill-act.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/uphill-act.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
