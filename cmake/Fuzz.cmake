# Fuzzers. fuzz/<target>.c is one; fuzz/corpus/<target>/ holds its first inputs.
#   build/<preset>/fuzz/<target>   with a plain main() that runs files: the test fuzz/<target>
#   build/fuzz/fuzz/<target>       preset `fuzz`: libFuzzer, sanitizers. `./dev fuzz` runs it, and
#                                  so does the test fuzz/<target>.run for ten seconds, where clang
#                                  is installed

option(UPHILL_FUZZ "Link the fuzzers with libFuzzer (clang; see the preset fuzz)" OFF)
if(NOT UPHILL_TESTS AND NOT UPHILL_FUZZ)
  return()
endif()
set(UPHILL_FUZZ_SECONDS 10 CACHE STRING "Seconds that a fuzzer's test lasts")

file(GLOB UPHILL_FUZZERS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*.c)
list(REMOVE_ITEM UPHILL_FUZZERS ${CMAKE_SOURCE_DIR}/fuzz/driver.c)
add_custom_target(fuzzers)
foreach(file IN LISTS UPHILL_FUZZERS)
  cmake_path(GET file STEM stem)
  add_executable(fuzz_${stem} ${file})
  set_target_properties(fuzz_${stem} PROPERTIES OUTPUT_NAME ${stem}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  target_include_directories(fuzz_${stem} PRIVATE include src cli) # some try sources of the program
  target_link_libraries(fuzz_${stem} PRIVATE uphill_flags uphill_static ${UPHILL_LIBRARIES})
  add_dependencies(fuzzers fuzz_${stem})
  if(UPHILL_FUZZ)
    target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${stem} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/driver.c)
  endif()
endforeach()

if(NOT UPHILL_TESTS)
  return()
endif()

# The build under libFuzzer is made once, by the first of its tests. Sanitizers' own builds run the
# corpus alone.
set(run ${UPHILL_BASH} ${CMAKE_SOURCE_DIR}/fuzz/run.sh)
string(FIND "${CMAKE_C_FLAGS}" "-fsanitize" sanitized)
if(sanitized EQUAL -1)
  uphill_test(fuzz/build fuzz.sh ${run} --build)
  set_tests_properties(fuzz/build PROPERTIES FIXTURES_SETUP fuzzers TIMEOUT 1200)
endif()
foreach(file IN LISTS UPHILL_FUZZERS)
  cmake_path(GET file STEM stem)
  uphill_test(fuzz/${stem} fuzz.c fuzz_${stem} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${stem})
  if(sanitized EQUAL -1)
    uphill_test(fuzz/${stem}.run fuzz.sh ${run} ${stem} ${UPHILL_FUZZ_SECONDS} -seed=1)
    set_tests_properties(fuzz/${stem}.run PROPERTIES FIXTURES_REQUIRED fuzzers)
  endif()
endforeach()
