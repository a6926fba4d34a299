# libuphill: the objects are compiled once and become both a static and a shared library.

file(GLOB_RECURSE UPHILL_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.c)
if(NOT UPHILL_MUJOCO_INCLUDE)
  list(FILTER UPHILL_SOURCES EXCLUDE REGEX "/env/mujoco/")
endif()
# MuJoCo's and oneDNN's headers are for the files that call them.
file(GLOB UPHILL_MUJOCO_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/env/mujoco/*.c
  ${CMAKE_SOURCE_DIR}/tests/env/test_mujoco.c ${CMAKE_SOURCE_DIR}/bench/mujoco.c)
set_property(SOURCE ${UPHILL_MUJOCO_FILES} src/env/known.c src/doctor/doctor.c
  APPEND_STRING PROPERTY COMPILE_FLAGS "${UPHILL_MUJOCO_FLAGS}")

# An emulator's work is many small steps, in files of their own: gcc puts them together where it links
# the library and the program. What floats are computed with is compiled as it stands.
if(CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_BUILD_TYPE STREQUAL Release)
  set(UPHILL_LINK_TIME -flto=auto)
  file(GLOB_RECURSE UPHILL_LINKED CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/env/atari/*.c)
  set_source_files_properties(${UPHILL_LINKED} PROPERTIES
    COMPILE_OPTIONS "${UPHILL_LINK_TIME};-ffat-lto-objects")
endif()

# Protocol buffers: src/io/<name>.proto becomes <build>/generated/io/<name>.pb-c.{c,h}.
set(UPHILL_GENERATED ${CMAKE_BINARY_DIR}/generated)
set(UPHILL_PROTO_SOURCES "")
file(GLOB UPHILL_PROTOS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/io/*.proto)
if(PROTOBUF_C_FOUND)
  file(MAKE_DIRECTORY ${UPHILL_GENERATED}/io)
  foreach(proto IN LISTS UPHILL_PROTOS)
    cmake_path(GET proto STEM name)
    set(stem ${UPHILL_GENERATED}/io/${name}.pb-c)
    add_custom_command(OUTPUT ${stem}.c ${stem}.h DEPENDS ${proto} VERBATIM
      COMMAND ${PROTOC_C} --proto_path=${CMAKE_SOURCE_DIR}/src/io --c_out=${UPHILL_GENERATED}/io
              ${proto})
    list(APPEND UPHILL_PROTO_SOURCES ${stem}.c ${stem}.h)
    set_source_files_properties(${stem}.c PROPERTIES COMPILE_OPTIONS "-w")
  endforeach()
endif()

if(NOT UPHILL_SOURCES)
  message(FATAL_ERROR "uphill: no source files under ${CMAKE_SOURCE_DIR}/src")
endif()

add_library(uphill_objects OBJECT ${UPHILL_SOURCES} ${UPHILL_PROTO_SOURCES})
target_include_directories(uphill_objects PRIVATE include src ${UPHILL_GENERATED})
target_link_libraries(uphill_objects PRIVATE uphill_flags ${UPHILL_LIBRARIES})
uphill_embed(uphill_objects up__ ${CMAKE_SOURCE_DIR}/data/atari-games.json)

function(uphill_link target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE ${UPHILL_LIBRARIES})
endfunction()

add_library(uphill_static STATIC $<TARGET_OBJECTS:uphill_objects>)
set_target_properties(uphill_static PROPERTIES OUTPUT_NAME uphill EXPORT_NAME static)
uphill_link(uphill_static)
add_library(uphill::static ALIAS uphill_static)

if(BUILD_SHARED_LIBS)
  set(UPHILL_EXPORTS ${CMAKE_SOURCE_DIR}/cmake/exports.map)
  add_library(uphill_shared SHARED $<TARGET_OBJECTS:uphill_objects>)
  set_target_properties(uphill_shared PROPERTIES OUTPUT_NAME uphill EXPORT_NAME uphill
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS ${UPHILL_EXPORTS})
  target_link_options(uphill_shared PRIVATE ${UPHILL_LINK_TIME}
    -Wl,--version-script=${UPHILL_EXPORTS})
  uphill_link(uphill_shared)
  add_library(uphill::uphill ALIAS uphill_shared)
else()
  add_library(uphill::uphill ALIAS uphill_static)
endif()

# The same arithmetic in double precision, for the gradient checks only.
if(UPHILL_TESTS)
  # Policies also ask the spaces for their sizes and read checkpoints.
  file(GLOB UPHILL_F64_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/env/space.c
    ${CMAKE_SOURCE_DIR}/src/env/space_text.c
    ${CMAKE_SOURCE_DIR}/src/io/tensors*.c ${CMAKE_SOURCE_DIR}/src/io/keep.c)
  foreach(stage core kernels net dist gradient optim policy)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${stage}/*.c)
    list(APPEND UPHILL_F64_SOURCES ${sources})
  endforeach()
  if(UPHILL_F64_SOURCES)
    add_library(uphill_f64 STATIC ${UPHILL_F64_SOURCES})
    target_compile_definitions(uphill_f64 PUBLIC UP_DOUBLE)
    target_include_directories(uphill_f64 PUBLIC include PRIVATE src)
    target_link_libraries(uphill_f64 PRIVATE uphill_flags ${UPHILL_LIBRARIES})
  endif()
endif()
