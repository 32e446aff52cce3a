# Short spellings for the shapes every folder repeats.

# consort_library(NAME [COMPUTES] SOURCES ... PUBLIC ... PRIVATE ...): a static library `consort_NAME` with the alias
# `consort::NAME`, the project root on its include path and our warnings on. PUBLIC: named by its headers. COMPUTES: time
# is spent in its own loops, so it is optimised fully.
function(consort_library name)
  cmake_parse_arguments(ARG "COMPUTES" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(consort_${name} STATIC ${ARG_SOURCES})
    target_include_directories(consort_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(consort_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} consort_warnings)
    if(NOT ARG_COMPUTES)
      target_link_libraries(consort_${name} PRIVATE consort_glue)
    endif()
    target_precompile_headers(consort_${name} REUSE_FROM consort_precompiled)
  else()
    add_library(consort_${name} INTERFACE)
    target_include_directories(consort_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(consort_${name} INTERFACE ${ARG_PUBLIC})
  endif()
  add_library(consort::${name} ALIAS consort_${name})
endfunction()

# consort_program(NAME SOURCES ... LIBRARIES ...): an executable called NAME.
function(consort_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} consort_warnings consort_glue)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# consort_test(NAME SOURCES ... LIBRARIES ... LABELS ...): a GoogleTest program run by ctest as NAME.
# Labels: `fast` (unit tests, seconds), `integration` (real processes), `corpus` (needs CONSORT_CORPUS); ConsortSanitizers
# adds `tsan` (several threads).
function(consort_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest GTest::gtest_main
                                        consort_warnings consort_unoptimised)
  target_precompile_headers(${name} REUSE_FROM consort_precompiled_tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\] [1-9][0-9]* test.*\n.*\\[  PASSED  \\] 0 tests")
  consort_sanitize_test(${name} ${ARG_LABELS})
endfunction()
