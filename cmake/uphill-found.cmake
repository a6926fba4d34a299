# uphill_find(<NAME> <library> <header> [<more>...]): an imported target uphill_found_<NAME> where both
# are there; it links with <more>, too. Of the build and, installed, of those who link with what it built.
function(uphill_find name library header)
  find_library(${name}_LIBRARY ${library})
  find_path(${name}_INCLUDE ${header})
  if(${name}_LIBRARY AND ${name}_INCLUDE AND NOT TARGET uphill_found_${name})
    add_library(uphill_found_${name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(uphill_found_${name} PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE}"
      INTERFACE_LINK_LIBRARIES "${${name}_LIBRARY};${ARGN}")
  endif()
endfunction()
