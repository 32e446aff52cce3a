# Precompiled headers: the library headers that most files include, parsed once instead of some 450 times; that was
# half of a clean build. Every file still includes what it uses: tests/borders compiles each header without them.
set(headers
    <algorithm> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <string> <utility> <vector>
    <absl/status/statusor.h> <absl/strings/match.h> <absl/strings/numbers.h> <absl/strings/str_cat.h>
    <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/time/clock.h> <absl/types/span.h>
    <google/protobuf/message.h> <nlohmann/json.hpp>)
set(libraries absl::statusor absl::strings absl::time absl::span protobuf::libprotobuf nlohmann_json::nlohmann_json
              consort_warnings)

# consort_precompile(NAME HEADERS ... LIBRARIES ...): HEADERS, precompiled for others to reuse from NAME.
function(consort_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${name}.cc CONTENT "")
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/generated/${name}.cc)
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

consort_precompile(consort_precompiled HEADERS ${headers} LIBRARIES ${libraries})
if(CONSORT_TESTS)
  consort_precompile(consort_precompiled_tests HEADERS ${headers} <gmock/gmock.h> <gtest/gtest.h>
                     LIBRARIES ${libraries} GTest::gmock GTest::gtest consort_unoptimised)
endif()
