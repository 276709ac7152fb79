# SPDX-License-Identifier: Apache-2.0
# What every target of ours is built with, and the three ways to declare one.
include(GoogleTest)

add_library(hamlet_options INTERFACE)
target_include_directories(hamlet_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(hamlet_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${HAMLET_WERROR}>:-Werror>
  # GCC 12 finds these in its own std::string, once that is inlined into tl::expected.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-array-bounds;-Wno-maybe-uninitialized;-Wno-stringop-overread>)
foreach (kind IN LISTS HAMLET_SANITIZE)
  target_compile_options(hamlet_options INTERFACE -fsanitize=${kind} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    # Asio has a fence that TSan does not know; there are mutexes beside it.
    $<$<AND:$<STREQUAL:${kind},thread>,$<CXX_COMPILER_ID:GNU>>:-Wno-tsan>)
  target_link_options(hamlet_options INTERFACE -fsanitize=${kind})
endforeach ()

if (HAMLET_FUZZ) # else libFuzzer sees the branches of the target's own file only
  target_compile_options(hamlet_options INTERFACE -fsanitize=fuzzer-no-link)
endif ()

# Breaks one promise on purpose, so that tests can be seen to fail: see lib/base/mutation.hpp.
# tests/faults builds a program for each, beside the right one.
set(HAMLET_MUTATION "" CACHE STRING "A rule of lib/base/mutation.hpp that is broken; never in use")
if (HAMLET_MUTATION)
  file(STRINGS "${PROJECT_SOURCE_DIR}/lib/base/mutation.hpp" known
    REGEX "chosen == \"${HAMLET_MUTATION}\"")
  if (NOT known)
    message(FATAL_ERROR "HAMLET_MUTATION: there is no ${HAMLET_MUTATION}")
  endif ()
  target_compile_definitions(hamlet_options INTERFACE "HAMLET_MUTATION=\"${HAMLET_MUTATION}\"")
endif ()

# A rebuild after a small change is bound by the linker and by the compiler's
# reading of headers: mold and ccache where they are installed (./dev installs both).
find_program(HAMLET_CCACHE ccache)
if (HAMLET_CCACHE) # the environment is what ccache wants for precompiled headers
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${HAMLET_CCACHE}")
endif ()
find_program(HAMLET_MOLD mold)
if (HAMLET_MOLD)
  target_link_options(hamlet_options INTERFACE -fuse-ld=mold)
endif ()
# Eighty programs with the same libraries in each: half of their room is debug information.
target_link_options(hamlet_options INTERFACE -Wl,--compress-debug-sections=zlib)

# Headers compiled once and read by many: the standard's, GoogleTest's, and (in actors/) CAF's.
# They make no name visible that a file does not include itself: the presets fuzz and tidy
# build without them.
function (hamlet_headers name)
  add_library(${name} OBJECT "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
  target_link_libraries(${name} PRIVATE hamlet_options)
  if (HAMLET_PCH)
    target_precompile_headers(${name} PRIVATE ${ARGN})
  endif ()
endfunction ()
function (hamlet_takes_headers target from)
  if (HAMLET_PCH)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif ()
endfunction ()
set(headers <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span>
  <string> <string_view> <unordered_map> <variant> <vector> <tl/expected.hpp>)
hamlet_headers(hamlet_std_headers ${headers})
hamlet_headers(hamlet_test_headers ${headers} <gtest/gtest.h>)
target_link_libraries(hamlet_test_headers PRIVATE GTest::gtest)

# hamlet_library(name SOURCES ... LINKS ... [HEADERS ...]): one folder, one target, one line of
# dependencies. HEADERS: whose precompiled headers it reads, if not the standard's.
function (hamlet_library name)
  cmake_parse_arguments(arg "" "HEADERS" "SOURCES;LINKS" ${ARGN})
  if (arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC hamlet_options ${arg_LINKS})
    if (NOT arg_HEADERS)
      set(arg_HEADERS hamlet_std_headers)
    endif ()
    if (NOT arg_HEADERS STREQUAL name)
      hamlet_takes_headers(${name} ${arg_HEADERS})
    endif ()
  else ()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE hamlet_options ${arg_LINKS})
  endif ()
endfunction ()

# hamlet_test(name SOURCES ... LINKS ...): tests/a/b_test.cpp tests a/b.cpp; one
# program a folder.
function (hamlet_test_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} hamlet_options GTest::gtest_main)
  hamlet_takes_headers(${name} hamlet_test_headers)
endfunction ()
function (hamlet_test name)
  hamlet_test_program(${name} ${ARGN})
  gtest_discover_tests(${name} PROPERTIES TIMEOUT 60 DISCOVERY_TIMEOUT 60)
endfunction ()

# hamlet_store_test(name SOURCES ... LINKS ...): the same, on SQLite and then on a PostgreSQL that
# ctest starts for all of them and ends. A suite named Sqlite... or Postgres... is of one alone.
function (hamlet_store_test name)
  hamlet_test_program(${name} ${ARGN})
  gtest_discover_tests(${name} TEST_FILTER "-*Postgres*" PROPERTIES TIMEOUT 60 DISCOVERY_TIMEOUT 60)
  gtest_discover_tests(${name} TEST_FILTER "-*Sqlite*" TEST_PREFIX "postgresql."
    TEST_LIST ${name}_postgresql DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 60 FIXTURES_REQUIRED postgresql ENVIRONMENT HAMLET_STORE=postgresql)
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
    add_subdirectory(${folder})
  endforeach ()
endmacro ()
