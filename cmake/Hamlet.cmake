# SPDX-License-Identifier: Apache-2.0
# What every target of ours is built with, and the three ways to declare one.
include(GoogleTest)

add_library(hamlet_options INTERFACE)
target_include_directories(hamlet_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(hamlet_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${HAMLET_WERROR}>:-Werror>)
foreach (kind IN LISTS HAMLET_SANITIZE)
  target_compile_options(hamlet_options INTERFACE -fsanitize=${kind} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    # Asio has a fence that TSan does not know; there are mutexes beside it.
    $<$<AND:$<STREQUAL:${kind},thread>,$<CXX_COMPILER_ID:GNU>>:-Wno-tsan>)
  target_link_options(hamlet_options INTERFACE -fsanitize=${kind})
endforeach ()

# A rebuild after a small change is bound by the linker and by the compiler's
# reading of headers: mold and ccache where they are installed (./dev installs both).
find_program(HAMLET_CCACHE ccache)
if (HAMLET_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HAMLET_CCACHE}")
endif ()
find_program(HAMLET_MOLD mold)
if (HAMLET_MOLD)
  target_link_options(hamlet_options INTERFACE -fuse-ld=mold)
endif ()

# hamlet_library(name SOURCES ... LINKS ...): one folder, one target, one line of
# dependencies.
function (hamlet_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  if (arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC hamlet_options ${arg_LINKS})
  else ()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE hamlet_options ${arg_LINKS})
  endif ()
endfunction ()

# hamlet_test(name SOURCES ... LINKS ...): tests/a/b_test.cpp tests a/b.cpp; one
# program a folder.
function (hamlet_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gtest_main)
  gtest_discover_tests(${name} PROPERTIES TIMEOUT 60 DISCOVERY_TIMEOUT 60)
endfunction ()

# hamlet_fuzzer(name SOURCES ... LINKS ...): tests/fuzz/NAME.cpp with its kept inputs in
# tests/fuzz/corpus/NAME. Every build replays the inputs as a test; with HAMLET_FUZZ
# the same file is also a libFuzzer program.
function (hamlet_fuzzer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  add_executable(replay_${name} ${arg_SOURCES} "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp")
  target_link_libraries(replay_${name} PRIVATE ${arg_LINKS})
  add_test(NAME fuzz.replay.${name} COMMAND replay_${name} "${corpus}")
  if (HAMLET_FUZZ)
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE ${arg_LINKS})
  endif ()
endfunction ()

# hamlet_folders(FOLDER...): adds each in this order.
macro (hamlet_folders)
  foreach (folder IN ITEMS ${ARGN})
    if (EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
      add_subdirectory(${folder})
    endif ()
  endforeach ()
endmacro ()
