# Tests are found by name. tests/<stage>/
#   test_<x>.c      cmocka, against the static library; may include headers from src/
#   test_<x>_f64.c  the same, against the double-precision build of the arithmetic
#   test_<x>.sh     bash;   exit code 77 means skipped
#   test_<x>.py     Python; exit code 77 means skipped
#   long_<x>.*      as above, labelled `long`: only `./dev test --long` runs them

pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
set(UPHILL_TEST_TIMEOUT 240 CACHE STRING "Seconds that a short test may take")
find_program(UPHILL_CXX NAMES $ENV{CXX} g++ clang++)

# A locale that writes numbers with a comma. LOCPATH hides the system's own, hence LC_ALL below.
set(UPHILL_LOCALES ${CMAKE_BINARY_DIR}/locale)
find_program(UPHILL_LOCALEDEF localedef)
if(UPHILL_LOCALEDEF AND NOT EXISTS ${UPHILL_LOCALES}/de_DE.UTF-8)
  file(MAKE_DIRECTORY ${UPHILL_LOCALES})
  execute_process(COMMAND ${UPHILL_LOCALEDEF} -i de_DE -f UTF-8 ${UPHILL_LOCALES}/de_DE.UTF-8
    OUTPUT_QUIET ERROR_QUIET)
endif()

set(UPHILL_PYTHON ${CMAKE_SOURCE_DIR}/.venv/bin/python)
set(UPHILL_TEST_ENV UPHILL_REGISTRY=${CMAKE_BINARY_DIR}/runs.db UPHILL=${CMAKE_BINARY_DIR}/uphill PYTHON=${UPHILL_PYTHON}
  UP_SOURCE_DIR=${CMAKE_SOURCE_DIR} UP_BINARY_DIR=${CMAKE_BINARY_DIR} CC=${CMAKE_C_COMPILER}
  LOCPATH=${UPHILL_LOCALES} LC_ALL=C.UTF-8
  LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/leaks.txt:print_suppressions=0
  "CXX=$<$<BOOL:${UPHILL_CXX}>:${UPHILL_CXX}>" "CFLAGS=${CMAKE_C_FLAGS}")

# uphill_test(<ctest name> <file> <command…>): one registered test, labelled by its file's name.
function(uphill_test name file)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  cmake_path(GET file FILENAME filename)
  if(filename MATCHES "^long_")
    set(label long)
    set(timeout 7200)
  else()
    set(label short)
    if(name MATCHES "${UPHILL_QUICK}")
      list(APPEND label quick)
    endif()
    set(timeout ${UPHILL_TEST_TIMEOUT})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT ${timeout}
    SKIP_RETURN_CODE 77 ENVIRONMENT "${UPHILL_TEST_ENV}")
endfunction()

# `./dev asan --quick`, a part of CI: unit tests of seconds, without the program.
set(UPHILL_QUICK "^(act|advantage|config|core|dist|io|kernels|net|optim|policy|rollout)/[a-z_]+$")
add_custom_target(uphill_quick)

file(GLOB UPHILL_TEST_FILES CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tests/*/test_*.c ${CMAKE_SOURCE_DIR}/tests/*/long_*.c)
foreach(file IN LISTS UPHILL_TEST_FILES)
  cmake_path(GET file STEM stem)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME stage)
  set(target ${stage}_${stem})
  add_executable(${target} ${file})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE include src tests)
  if(stage STREQUAL cli) # its tests include sources of the program
    target_include_directories(${target} PRIVATE cli .)
  endif()
  target_compile_definitions(${target} PRIVATE UP_TEST_DATA="${folder}/data"
    UP_SOURCE_DIR="${CMAKE_SOURCE_DIR}" UP_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set(library uphill_static)
  if(stem MATCHES "_f64$")
    set(library uphill_f64)
  endif()
  target_link_libraries(${target} PRIVATE uphill_flags ${library} ${UPHILL_LIBRARIES}
    PkgConfig::CMOCKA)
  string(REGEX REPLACE "^test_" "" name ${stem})
  uphill_test(${stage}/${name} ${file} ${target})
  if("${stage}/${name}" MATCHES "${UPHILL_QUICK}")
    add_dependencies(uphill_quick ${target})
  endif()
  # Atari's machine also without translated code.
  if(stem MATCHES "^test_atari_(beam|env|games|held|machine)$")
    uphill_test(${stage}/${name}_interpreted ${file} ${target})
    set_property(TEST ${stage}/${name}_interpreted APPEND PROPERTY ENVIRONMENT UPHILL_JIT=0)
  endif()
endforeach()

# The native half of tools/check_atari.py.
add_executable(atari_probe ${CMAKE_SOURCE_DIR}/tools/atari_probe.c)
set_target_properties(atari_probe PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_include_directories(atari_probe PRIVATE include src)
target_link_libraries(atari_probe PRIVATE uphill_flags uphill_static ${UPHILL_LIBRARIES})

find_program(UPHILL_BASH bash REQUIRED)
file(GLOB UPHILL_TEST_SCRIPTS CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tests/*/test_*.sh ${CMAKE_SOURCE_DIR}/tests/*/long_*.sh
  ${CMAKE_SOURCE_DIR}/tests/*/test_*.py ${CMAKE_SOURCE_DIR}/tests/*/long_*.py)
foreach(file IN LISTS UPHILL_TEST_SCRIPTS)
  cmake_path(GET file STEM stem)
  cmake_path(GET file EXTENSION extension)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME stage)
  string(REGEX REPLACE "^test_" "" name ${stem})
  if(extension STREQUAL ".sh")
    uphill_test(${stage}/${name}${extension} ${file} ${UPHILL_BASH} ${file})
  else()
    uphill_test(${stage}/${name}${extension} ${file}
      ${UPHILL_BASH} ${CMAKE_SOURCE_DIR}/cmake/run-python.sh ${file})
  endif()
endforeach()

# Examples are programs of other people: public headers and uphill::uphill only.
file(GLOB UPHILL_EXAMPLES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/examples/*.c)
foreach(file IN LISTS UPHILL_EXAMPLES)
  cmake_path(GET file STEM stem)
  add_executable(example_${stem} ${file})
  set_target_properties(example_${stem} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
  set(library uphill::uphill)
  if(stem MATCHES "_act$")
    set(library uphill::act)
  endif()
  target_link_libraries(example_${stem} PRIVATE uphill_flags ${library} m)
  uphill_test(examples/${stem} ${file} example_${stem})
endforeach()
