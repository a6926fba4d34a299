# The command line: it sees the public headers and libuphill, nothing else of ours.

file(GLOB UPHILL_CLI_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cli/*.c)
if(UPHILL_CLI_SOURCES)
  add_executable(uphill_cli ${UPHILL_CLI_SOURCES})
  set_target_properties(uphill_cli PROPERTIES OUTPUT_NAME uphill)
  target_link_libraries(uphill_cli PRIVATE uphill_flags uphill_static PkgConfig::CJSON)
  install(TARGETS uphill_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
