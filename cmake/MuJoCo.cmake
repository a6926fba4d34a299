# MuJoCo, of the Python package `mujoco`: its headers are compiled against, its library is loaded at
# run time. The package is found without importing it, which would look for OpenGL. UP_HAVE_MUJOCO
# when it is there.

# The build looks again when ./dev makes or renews its virtual environment.
file(GLOB UPHILL_VENV CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/.venv/requirements.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${UPHILL_VENV})

set(UPHILL_MUJOCO_FOLDER "")
foreach(python IN ITEMS "$ENV{UPHILL_PYTHON}" ${CMAKE_SOURCE_DIR}/.venv/bin/python python3)
  if(python AND NOT UPHILL_MUJOCO_FOLDER)
    execute_process(OUTPUT_VARIABLE UPHILL_MUJOCO_FOLDER OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
      COMMAND ${python} -c "import importlib.util as u; print(u.find_spec('mujoco').submodule_search_locations[0])")
  endif()
endforeach()

# The log handler, by which an error does not end the process, came with 3.10.
set(UPHILL_MUJOCO_HEADER ${UPHILL_MUJOCO_FOLDER}/include/mujoco/mujoco.h)
if(EXISTS ${UPHILL_MUJOCO_HEADER})
  file(STRINGS ${UPHILL_MUJOCO_HEADER} version REGEX "define mjVERSION_HEADER")
  string(REGEX MATCH "[0-9]+" version "${version}")
  if(version GREATER_EQUAL 3010000)
    list(APPEND UPHILL_HAVE UP_HAVE_MUJOCO)
    set(UPHILL_MUJOCO_INCLUDE ${UPHILL_MUJOCO_FOLDER}/include)
    set(UPHILL_MUJOCO_FLAGS "-isystem ${UPHILL_MUJOCO_INCLUDE}")
  endif()
endif()
