# Language level, warnings, hardening, sanitizers and the compiler cache: one place for all targets.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths relative to the source tree and no working directory in the key: checkouts share their hits. Depend mode
  # takes the list of headers from the compiler, so that a miss does not preprocess twice; the sloppiness is what
  # precompiled headers ask for.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

# Warnings for our own code; generated code and Debian's headers are not ours to change.
add_library(consort_warnings INTERFACE)
target_compile_options(consort_warnings INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(consort_warnings INTERFACE -Wthread-safety -Wthread-safety-beta)
endif()

# Test sources: compiling them optimised takes longer than running them as they are.
add_library(consort_unoptimised INTERFACE)
target_compile_options(consort_unoptimised INTERFACE -O0 -U_FORTIFY_SOURCE)

# Most code passes messages between libraries: at -O1 it compiles in three quarters of the time and runs as fast.
add_library(consort_glue INTERFACE)
# There GCC 12 sees overlaps and overruns in copies of strings that do not exist (GCC bugs 105329 and 105651).
target_compile_options(consort_glue INTERFACE
  $<$<CONFIG:Release>:-O1> $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds>)

# One kind of code everywhere (there are no shared libraries), so that all targets can share precompiled headers.
add_compile_options(-fPIE -fstack-protector-strong -fno-omit-frame-pointer)
add_link_options(-pie -Wl,-z,relro,-z,now -Wl,--as-needed)
# For files whose loops run over every coordinate of a model.
set(CONSORT_HOT_LOOPS -O3)
if(CONSORT_SANITIZE)
  set(CONSORT_HOT_LOOPS -O1)  # GCC 12 stops with an internal error where a file is optimised more than its headers were
  # Not optimised much, and without the checks of pointers that the address sanitizer makes anyway, where they are used:
  # with both GCC compiles some files for minutes.
  add_compile_options(-O1 -g1 -fsanitize=${CONSORT_SANITIZE} -fno-sanitize=null,object-size,vptr
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CONSORT_SANITIZE})
else()
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
if(CONSORT_FUZZERS)
  # The coverage that guides the search, in all of our code; the sanitizers' runtime takes it where nobody searches.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
