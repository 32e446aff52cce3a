// Any bytes as a configuration: each getter gives a value within its range or says where the value is wrong.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/config/document.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto document = consort::ConfigDocument::Parse({reinterpret_cast<const char*>(data), size}, "a.toml",
                                                 consort::NoEnvironment());
  if (!document.ok()) return 0;
  document->String("s", "string", "").status().IgnoreError();
  document->Strings("s", "strings", {{}}).status().IgnoreError();
  document->Bool("s", "bool", false).status().IgnoreError();
  document->Table("s", "table").status().IgnoreError();
  document->String("", "top", "").status().IgnoreError();
  const auto integer = document->Integer("s", "integer", 1, {1, 9}, "s");
  if (integer.ok() && (*integer < 1 || *integer > 9)) std::abort();
  const auto real = document->Real("s", "real", 0.5, {0, 1}, "");
  if (real.ok() && (std::isnan(*real) || *real < 0 || *real > 1)) std::abort();
  document->RefuseUnknown().IgnoreError();
  return 0;
}
