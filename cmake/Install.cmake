# `cmake --install`: headers, libraries, data, and the two files by which others find them.

include(CMakePackageConfigHelpers)
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
  ${CMAKE_BINARY_DIR}/uphill-config-version.cmake DESTINATION ${UPHILL_CMAKE_DIR})

# pkg-config: Requires.private and Libs.private are for `pkg-config --static`.
set(UPHILL_PC_REQUIRES "libcjson inih")
set(UPHILL_PC_LIBS "-ldnnl -lgomp -lm -lpthread")
foreach(pair IN LISTS UPHILL_MODULES)
  string(REGEX REPLACE ".*=" " " module ${pair})
  string(APPEND UPHILL_PC_REQUIRES ${module})
endforeach()
if("UP_HAVE_GIF" IN_LIST UPHILL_HAVE)
  string(APPEND UPHILL_PC_LIBS " -lgif")
endif()
configure_file(cmake/uphill.pc.in uphill.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/uphill.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
