# `cmake --install`: headers, libraries, data, and the two files by which others find them.

set(UPHILL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/uphill)

set(UPHILL_INSTALLED uphill_static)
if(BUILD_SHARED_LIBS)
  list(APPEND UPHILL_INSTALLED uphill_shared)
endif()
install(TARGETS ${UPHILL_INSTALLED} EXPORT uphill
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT uphill NAMESPACE uphill:: FILE uphill-targets.cmake DESTINATION ${UPHILL_CMAKE_DIR})
install(DIRECTORY include/uphill DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
foreach(data recipes workers)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${data})
    install(DIRECTORY ${data} DESTINATION ${CMAKE_INSTALL_DATADIR}/uphill
      PATTERN "__pycache__" EXCLUDE)
  endif()
endforeach()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(cmake/uphill-config.cmake.in uphill-config.cmake
  INSTALL_DESTINATION ${UPHILL_CMAKE_DIR})
write_basic_package_version_file(uphill-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/uphill-config.cmake
  ${CMAKE_BINARY_DIR}/uphill-config-version.cmake cmake/uphill-found.cmake DESTINATION ${UPHILL_CMAKE_DIR})

# pkg-config: Libs.private is for `pkg-config --static`, and names what this build was linked with. No
# Requires.private: it would add the include folders of libraries that our headers do not mention, and
# ask for their packages where only the shared library is used.
set(UPHILL_PC_LIBS "")
foreach(name CJSON INIH ${UPHILL_MODULES})
  string(REGEX REPLACE "=.*" "" name ${name})
  foreach(folder IN LISTS ${name}_LIBRARY_DIRS)
    if(NOT folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
      string(APPEND UPHILL_PC_LIBS "-L${folder} ")
    endif()
  endforeach()
  foreach(library IN LISTS ${name}_LIBRARIES)
    string(APPEND UPHILL_PC_LIBS "-l${library} ")
  endforeach()
endforeach()
foreach(name IN LISTS UPHILL_PLAIN)
  cmake_path(GET ${name}_LIBRARY PARENT_PATH folder)
  cmake_path(GET ${name}_LIBRARY STEM stem)
  string(REGEX REPLACE "^lib" "-l" flag ${stem})
  if(NOT folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    string(PREPEND flag "-L${folder} ")
  endif()
  string(APPEND UPHILL_PC_LIBS "${flag} ")
endforeach()
if("ONEDNN" IN_LIST UPHILL_PLAIN)
  string(APPEND UPHILL_PC_LIBS "-lgomp ")
endif()
string(APPEND UPHILL_PC_LIBS "-lm ${UPHILL_PC_THREADS}")
configure_file(cmake/uphill.pc.in uphill.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/uphill.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
