# How every target of this project is declared: one library per folder, one test program per folder.

add_library(runner_flags INTERFACE)
target_include_directories(runner_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_include_directories(runner_flags SYSTEM INTERFACE ${RAPIDJSON_INCLUDE_DIRS})
target_compile_options(
  runner_flags
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            $<$<BOOL:${RUNNER_WERROR}>:-Werror>)
# std::string is what RapidJSON and the rest of the code exchange.
target_compile_definitions(runner_flags INTERFACE RAPIDJSON_HAS_STDSTRING=1)
target_link_libraries(runner_flags INTERFACE tl::expected fmt::fmt Threads::Threads)
if(RUNNER_SANITIZE)
  target_compile_options(runner_flags INTERFACE -fsanitize=${RUNNER_SANITIZE} -fno-sanitize-recover=all
                                                -fno-omit-frame-pointer)
  target_link_options(runner_flags INTERFACE -fsanitize=${RUNNER_SANITIZE})
endif()
if(RUNNER_FUZZ)
  target_compile_options(
    runner_flags INTERFACE -fsanitize=fuzzer-no-link
                           -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tools/cmake/sanitize-ignore.txt)
endif()

# runner_library(NAME SOURCES a.cc ... [DEPS other_library ...])
function(runner_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC runner_flags ${ARG_DEPS})
endfunction()

# What the tests with the label unit are: all that the sanitizers run.
add_custom_target(unit_tests)

# runner_test(NAME SOURCES a_test.cc ... [DEPS library ...] [LABEL label])
function(runner_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE runner_flags ${ARG_DEPS} GTest::gtest_main)
  if(ARG_LABEL STREQUAL unit)
    add_dependencies(unit_tests ${name})
  endif()
  gtest_discover_tests(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 DISCOVERY_TIMEOUT 60)
endfunction()

# runner_fuzz(NAME SOURCE fuzz.cc [DEPS library ...]): a libFuzzer program with RUNNER_FUZZ, nothing without.
function(runner_fuzz name)
  if(NOT RUNNER_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCE;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCE})
  target_link_libraries(${name} PRIVATE runner_flags ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
