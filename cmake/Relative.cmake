# UPHILL_PC_PREFIX: the prefix as a pkg-config file says it, from where the file itself lies, so that
# an installed folder may be moved. Absolute where the libraries' folder is given so.
# UPHILL_PC_THREADS: what threads need beside libc, which is nothing where that is new.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(UPHILL_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(UPHILL_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH UPHILL_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" UPHILL_PC_PREFIX "\${pcfiledir}/${UPHILL_PC_PREFIX}")
  set(UPHILL_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(UPHILL_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
else()
  set(UPHILL_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
set(UPHILL_PC_THREADS ${CMAKE_THREAD_LIBS_INIT})
