# uphill_embed(<target> <prefix> <file>...): compiles each file into the target as a string, which is
# named by the prefix and the file: up__ and data/atari-games.json make up__atari_games_json.
function(uphill_embed target prefix)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME name)
    string(MAKE_C_IDENTIFIER ${prefix}${name} name)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    set(source ${CMAKE_BINARY_DIR}/generated/${name}.c)
    file(CONFIGURE OUTPUT ${source} CONTENT
      "extern const char ${name}[];\nconst char ${name}[] = {${bytes}0};\n")
    target_sources(${target} PRIVATE ${source})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
endfunction()
